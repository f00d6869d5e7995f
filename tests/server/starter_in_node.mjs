// Prints the scenario file that a participant's page makes of a session and a note.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { module, seen, player, note } = JSON.parse(readFileSync(0, "utf-8"));
const { starter } = await import(pathToFileURL(module));
console.log(JSON.stringify(starter(seen, player, note)));
