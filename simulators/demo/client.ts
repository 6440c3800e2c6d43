import { UnavailableError } from '../../domain/index.ts';

/** The few calls the demo makes on the public HTTP API, with an API token, as any partner system would. */
export interface ApiClient {
  put(path: string, body: object): Promise<void>;
  post(path: string, body: object): Promise<void>;
}

export function apiClient(baseUrl: string, token: string): ApiClient {
  const send = async (method: string, path: string, body: object) => {
    const response = await fetch(`${baseUrl}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) {
      const problem = (await response.text()).slice(0, 500);
      throw new UnavailableError('DEMO_API_REFUSED', `${method} ${path} was answered ${response.status}: ${problem}`);
    }
    await response.body?.cancel();
  };
  return {
    put: (path, body) => send('PUT', path, body),
    post: (path, body) => send('POST', path, body),
  };
}
