// Reads a state machine from standard input and writes what asl-validator finds in it, as JSON.
// The validator is installed outside of the sources: the first argument says where.
const { createRequire } = require("node:module");
const { readFileSync } = require("node:fs");
const validate = createRequire(`${process.argv[2]}/`)("asl-validator");

// ARNs are made up here, as only a deployment knows them.
const { errors } = validate(JSON.parse(readFileSync(0, "utf8")), { checkArn: false, checkPaths: true });
const found = errors.map((error) => ({
  where: error.schemaError?.instancePath || error.path || "its states",
  text: `${error["Error code"]}: ${error.Message}`,
}));
process.stdout.write(JSON.stringify(found));
