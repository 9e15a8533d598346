// Refuses to publish what is not ready for it: run by `npm publish` (prepublishOnly), in the folder of the package.
import { existsSync, readFileSync } from "node:fs";

const { version, repository, bugs, homepage, bin } = JSON.parse(readFileSync("package.json", "utf8"));
const newest = /^## (.+)$/m.exec(readFileSync("CHANGELOG.md", "utf8"))?.[1];
const lacking = [];
// A registry compares the first with where the package was built, and shows the others.
const places = { "repository.url": repository?.url, "bugs.url": bugs?.url, homepage };
for (const [field, url] of Object.entries(places)) {
  if (!/^(git\+)?https:\/\/\S+$/.test(url ?? "")) lacking.push(`package.json has no ${field}: where the project lives`);
}
if (newest !== version) lacking.push(`CHANGELOG.md begins with ${newest ?? "nothing"}, and the version is ${version}`);
for (const program of Object.values(bin ?? {})) {
  if (!existsSync(program)) lacking.push(`${program} is not built: npm run build`);
}
if (lacking.length > 0) {
  console.error(`Not ready to be published:\n${lacking.map((what) => `- ${what}`).join("\n")}`);
  process.exitCode = 1;
}
