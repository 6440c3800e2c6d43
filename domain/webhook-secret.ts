/** The secret of a webhook as Standard Webhooks writes it: `whsec_` and the key in base64, padded. */
export const WEBHOOK_SECRET = /^whsec_(?=.)(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
