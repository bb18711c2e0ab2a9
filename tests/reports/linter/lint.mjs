// Prints which features of a mail some program does not know, one a line: `border-radius` is not supported by ...
import { doIUseEmail } from "@jsx-email/doiuse-email";
import { readFileSync } from "node:fs";

const clients = ["gmail.*", "outlook.*", "apple-mail.*"];
const found = doIUseEmail(readFileSync(process.argv[2], "utf8"), { emailClients: clients });
console.log((found.errors ?? []).join("\n"));
