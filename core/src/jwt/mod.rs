//! JSON Web Tokens: keys, issue, verify, key sets (RFC 7515, 7517, 7519, 8037, 9068).
