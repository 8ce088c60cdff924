// Writes src/graph/generated.ts from the back office's schema and the operations beside the code; with --check it only compares.
import { codegen } from "@graphql-codegen/core";
import * as typedDocumentNode from "@graphql-codegen/typed-document-node";
import * as typescriptOperations from "@graphql-codegen/typescript-operations";
import { parse } from "graphql";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";

const OUTPUT = new URL("../src/graph/generated.ts", import.meta.url);
const SCHEMA = new URL("../../backoffice.graphql", import.meta.url);
const OPERATIONS = new URL("../src/graph/operations/", import.meta.url);

const read = (url) => readFileSync(url, "utf8");
const schema = parse(read(SCHEMA));
const documents = readdirSync(OPERATIONS)
  .filter((name) => name.endsWith(".graphql"))
  .sort()
  .map((name) => ({ location: name, document: parse(read(new URL(name, OPERATIONS))) }));

const generated = await codegen({
  filename: "generated.ts",
  schema,
  documents,
  config: {
    scalars: { ID: "string", Date: "string", DateTime: "string", AssetCode: "string", Decimal: "string" },
    strictScalars: true,
    enumsAsTypes: true,
    useTypeImports: true,
    skipTypename: true,
    immutableTypes: true,
    dedupeFragments: true,
  },
  plugins: [{ add: {} }, { typescriptOperations: {} }, { typedDocumentNode: {} }],
  pluginMap: {
    add: { plugin: () => "// Written by `npm run codegen` from ../../../backoffice.graphql. Do not edit.\n" },
    typescriptOperations,
    typedDocumentNode,
  },
});

if (!process.argv.includes("--check")) {
  writeFileSync(OUTPUT, generated);
} else if (read(OUTPUT) !== generated) {
  console.error("src/graph/generated.ts is not what backoffice.graphql and the operations say; run `npm run codegen`.");
  process.exit(1);
}
