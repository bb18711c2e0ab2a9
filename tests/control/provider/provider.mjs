// A certified provider on a free port of loopback that knows Ann and Eve, whose address nobody has verified.
// Prints its address; ends with its standard input.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const [secret, back] = process.argv.slice(2);
const people = {
  ann: { email: "ann@news.example", email_verified: true, name: "Ann" },
  eve: { email: "boss@news.example", email_verified: false, name: "Eve" },
};
const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: "desk", client_secret: secret, redirect_uris: [back] }],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    findAccount: (_, id) => people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true } },
  });
  server.on("request", provider.callback());
  console.log(issuer);
});
process.stdin.on("end", () => process.exit(0)).resume();
