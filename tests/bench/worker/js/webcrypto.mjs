// WebCrypto itself, and as little around it as can be: the peer that no library is.

const ALGORITHMS = {
  HS256: { name: "HMAC", hash: "SHA-256" },
  EdDSA: { name: "Ed25519" },
  ES256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
};

const utf8 = new TextEncoder();
const text = new TextDecoder();

const bytes = (base64url) => Uint8Array.fromBase64(base64url, { alphabet: "base64url" });
const base64url = (bytes) => bytes.toBase64({ alphabet: "base64url", omitPadding: true });

/** What issues tokens: a header that is written once, JSON as JavaScript writes it, a signature. */
export async function issuer(jwk, typ) {
  const algorithm = ALGORITHMS[jwk.alg];
  const key = await crypto.subtle.importKey("jwk", jwk, algorithm, false, ["sign"]);
  const header = base64url(utf8.encode(JSON.stringify({ alg: jwk.alg, kid: jwk.kid, typ })));
  return async (claims) => {
    const input = `${header}.${base64url(utf8.encode(JSON.stringify(claims)))}`;
    const signature = await crypto.subtle.sign(algorithm, key, utf8.encode(input));
    return `${input}.${base64url(new Uint8Array(signature))}`;
  };
}

/** What verifies tokens: the header, the signature, and the claims that matter. */
export async function verifier(jwk, expected) {
  const algorithm = ALGORITHMS[jwk.alg];
  const key = await crypto.subtle.importKey("jwk", jwk, algorithm, false, ["verify"]);
  return async (token) => {
    const [header, payload, signature] = token.split(".");
    const { alg, kid, typ } = JSON.parse(text.decode(bytes(header)));
    if (alg !== jwk.alg || kid !== jwk.kid || typ !== expected.typ) throw new Error("header");
    const signed = utf8.encode(`${header}.${payload}`);
    const holds = await crypto.subtle.verify(algorithm, key, bytes(signature), signed);
    if (!holds) throw new Error("signature");
    const claims = JSON.parse(text.decode(bytes(payload)));
    const { iss, aud, exp } = claims;
    const isMeant = iss === expected.issuer && aud === expected.audience;
    if (!isMeant || exp * 1000 <= Date.now()) throw new Error("claims");
    return claims;
  };
}
