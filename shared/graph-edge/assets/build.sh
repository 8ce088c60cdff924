#!/bin/sh
# Builds graphiql.html.gz anew: GraphiQL in one page that needs no network. Needs node and npm; run it from anywhere.
# Another version: change it here and in NOTICE, run with CHECK=no, and put the sums that it prints below.
set -eu

graphiql=3.9.0
react=18.3.1
sums='bdddd50aac5bdb0edd83e5c862ba2fed9db2964e4c75d4655ab62b0a7d5bd730  graphiql.css
a330a2be1d2389486840a9d0a834767d9083a23f105879e0de54e4fce83d3513  graphiql.js
d949f1c3687aedadcedac85261865f29b17cd273997e7f6b2bfc53b2f9d4c4dd  react.js
35f4f974f4b2bcd44da73963347f8952e341f83909e4498227d4e26b98f66f0d  react-dom.js'

assets=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for package in "graphiql@$graphiql" "react@$react" "react-dom@$react"; do
  mkdir "${package%@*}"
  npm pack --silent "$package" >tarball
  tar -xzf "$(cat tarball)" -C "${package%@*}" --strip-components=1
done
cp graphiql/graphiql.min.css graphiql.css
cp graphiql/graphiql.min.js graphiql.js
cp react/umd/react.production.min.js react.js
cp react-dom/umd/react-dom.production.min.js react-dom.js
if [ "${CHECK:-yes}" = yes ]; then
  echo "$sums" | sha256sum --check --quiet
else
  sha256sum graphiql.css graphiql.js react.js react-dom.js
fi

node - "$assets" <<'SCRIPT'
const { readFileSync, writeFileSync } = require("node:fs");
const { gzipSync } = require("node:zlib");
const assets = process.argv[2];
let page = readFileSync(`${assets}/graphiql.template.html`, "utf8");
for (const name of ["graphiql.css", "react.js", "react-dom.js", "graphiql.js"]) {
  let text = readFileSync(name, "utf8");
  // The page does with the reader's own fonts: the embedded ones are most of the style sheet.
  if (name.endsWith(".css")) text = text.replace(/@font-face\{[^}]*\}/g, "");
  // Neither may end the element that it stands in.
  text = text.replace(/<\/(script|style)/gi, "<\\/$1").replace(/<!--/g, "<\\!--");
  page = page.replace(`/*! ${name} */`, () => text);
}
writeFileSync(`${assets}/graphiql.html.gz`, gzipSync(page, { level: 9 }));
SCRIPT
ls -l "$assets/graphiql.html.gz"
