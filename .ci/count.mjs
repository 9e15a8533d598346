// Prints "PASSED FAILED" of one vitest run: node count.mjs REPORT.json EXIT_STATUS
import { existsSync, readFileSync } from "node:fs";

const [, , report, exitStatus] = process.argv;
let [passed, failed] = [0, 0];
if (existsSync(report)) {
  const { numPassedTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  passed = numPassedTests;
  failed = tests.filter(({ status }) => status === "failed").length;
  // A file that can not even be loaded has no tests that could fail.
  const broken = testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  );
  for (const { name, message } of broken) console.error(`not run: ${name}: ${message}`);
  failed += broken.length;
  const left = tests.filter(({ status }) => status !== "passed" && status !== "failed");
  for (const { fullName } of left) console.error(`left out: ${fullName}`);
} else {
  console.error("no tests were run: what comes before them failed");
}
// Errors outside of tests, and failures of what ran before them.
if (Number(exitStatus) !== 0 && failed === 0) failed = 1;
console.log(`${passed} ${failed}`);
