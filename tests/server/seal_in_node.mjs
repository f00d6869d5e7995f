// Seals what the first argument says with the browser's code, and prints the envelope, the public key and a signature.
import { pathToFileURL } from "node:url";

const input = JSON.parse(process.argv[2]);
const { canonical, moveStatement, seal, signer, toBytes, toText } = await import(pathToFileURL(input.module));
const key = toBytes(input.key);
const committee = { keys: input.keys.map(toBytes), threshold: input.threshold };
const envelope = await seal(new TextEncoder().encode(input.content), key, input.place, committee);
const one = await signer(key);
const statement = moveStatement(input.place.session, input.place.round, input.place.sender, envelope);
console.log(JSON.stringify({
  envelope: toText(envelope), public: toText(one.public), signature: toText(await one.sign(statement)),
  canonical: canonical(input.value),
}));
