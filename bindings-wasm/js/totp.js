// TOTP and HOTP: what a caller passes is read here and judged by the module.

import { Hotp as HotpModule, Totp as TotpModule } from "../pkg/authcore.js";
import { integer, moment, optionalInteger, optionalText, options, text } from "./options.js";

const LABEL = ["issuer", "account"];
const TOTP = ["algorithm", "digits", "period", "window", ...LABEL];
const HOTP = ["algorithm", "digits", "lookAhead", ...LABEL];
const MOMENT = ["at"];
const VERIFY = ["at", "afterStep"];

/** Issuer and account as they were given to a constructor. */
class Label {
  constructor({ issuer, account }) {
    this.issuer = optionalText(issuer, "/issuer") ?? "";
    this.account = optionalText(account, "/account") ?? "";
  }

  /** What is given in place of the constructor's. */
  or(given) {
    const { issuer, account } = options(given, LABEL);
    return [
      optionalText(issuer, "/issuer") ?? this.issuer,
      optionalText(account, "/account") ?? this.account,
    ];
  }
}

const secretText = (secret) => (secret === undefined ? undefined : text(secret, "/secret"));

/** The digits of a code, which the module gives as a number. */
const shown = (number, digits) => String(number).padStart(digits, "0");

export class Totp {
  #module;
  #digits;
  #label;

  constructor(secret, given) {
    const { algorithm, digits, period, window, ...label } = options(given, TOTP);
    const parameters = [
      optionalText(algorithm, "/algorithm"),
      optionalInteger(digits, "/digits"),
      optionalInteger(period, "/period"),
      optionalInteger(window, "/window"),
    ];
    this.#module = new TotpModule(secretText(secret), ...parameters);
    this.#digits = this.#module.digits;
    this.#label = new Label(label);
  }

  get secret() {
    return this.#module.secret;
  }

  generate(given) {
    const at = moment(options(given, MOMENT).at);
    return shown(this.#module.generate(at), this.#digits);
  }

  verify(code, given) {
    const presented = text(code, "/code");
    const { at, afterStep } = options(given, VERIFY);
    const after = optionalInteger(afterStep, "/afterStep");
    return { step: this.#module.verify(presented, moment(at), after) };
  }

  uri(given) {
    return this.#module.uri(...this.#label.or(given));
  }

  qrSvg(given) {
    return this.#module.qrSvg(...this.#label.or(given));
  }

  qrPng(given) {
    return this.#module.qrPng(...this.#label.or(given));
  }

  free() {
    this.#module.free();
  }
}

export class Hotp {
  #module;
  #digits;
  #label;

  constructor(secret, given) {
    const { algorithm, digits, lookAhead, ...label } = options(given, HOTP);
    const parameters = [
      optionalText(algorithm, "/algorithm"),
      optionalInteger(digits, "/digits"),
      optionalInteger(lookAhead, "/lookAhead"),
    ];
    this.#module = new HotpModule(secretText(secret), ...parameters);
    this.#digits = this.#module.digits;
    this.#label = new Label(label);
  }

  get secret() {
    return this.#module.secret;
  }

  generate(counter) {
    return shown(this.#module.generate(integer(counter, "/counter")), this.#digits);
  }

  verify(code, counter) {
    const presented = text(code, "/code");
    const [matched, next] = this.#module.verify(presented, integer(counter, "/counter"));
    return { counter: matched, next: next ?? null };
  }

  uri(counter, given) {
    return this.#module.uri(...this.#label.or(given), integer(counter, "/counter"));
  }

  qrSvg(counter, given) {
    return this.#module.qrSvg(...this.#label.or(given), integer(counter, "/counter"));
  }

  qrPng(counter, given) {
    return this.#module.qrPng(...this.#label.or(given), integer(counter, "/counter"));
  }

  free() {
    this.#module.free();
  }
}

// `using totp = …` frees it, where the runtime knows it.
for (const { prototype } of Symbol.dispose ? [Totp, Hotp] : []) {
  prototype[Symbol.dispose] = prototype.free;
}
