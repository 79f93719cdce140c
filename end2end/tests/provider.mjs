/** A provider of sign-on for the tests (OpenID Connect): whoever types an address there is its owner, but `unconfirmed@…`. */
import Provider from 'oidc-provider';

const [issuer, back, secret] = process.argv.slice(2);
const provider = new Provider(issuer, {
  clients: [{ client_id: 'homebound', client_secret: secret, redirect_uris: [back] }],
  claims: { email: ['email', 'email_verified'], profile: ['name'] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: id, email_verified: !id.startsWith('unconfirmed'), name: 'Li of the provider' }),
  }),
  cookies: { keys: ['the tests'] },
});
provider.listen(Number(new URL(issuer).port), '127.0.0.1');
