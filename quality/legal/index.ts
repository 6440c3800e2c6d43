/** Papers that the law asks for, filled in from what is known. */
export {
  FORM_3911_EDITION,
  type FormItem,
  form3911,
  type NotificationFacts,
  type NotifiedSerial,
} from './form-3911.ts';
