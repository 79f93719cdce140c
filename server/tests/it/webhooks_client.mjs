// Standard Webhooks' own library (npm `standardwebhooks`) and a message: its secret, id, timestamp, signature and body.
import { createRequire } from 'node:module';
const { Webhook } = createRequire(process.env.HOMEBOUND_TEST_NODE ?? import.meta.url)('standardwebhooks');
const [secret, id, at, signature, body] = process.argv.slice(2);
const headers = { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature };
if (!new Webhook(secret).verify(body, headers).type.startsWith('return.')) throw new Error('another type');
let taken = true;
try { new Webhook(secret).verify(`${body} `, headers); } catch { taken = false; }
if (taken) throw new Error('another body was taken');
console.log('verified');
