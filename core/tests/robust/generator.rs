//! Pseudo-random inputs: the same in every run for the same seed.

/// SplitMix64 (Steele, Lea, Flood 2014): small, and good enough to vary inputs.
pub struct Generator(u64);

/// What parsers are sensitive to.
const TOKENS: [&[u8]; 24] = [
    b"\0",
    b"\"",
    b"\\u0000",
    b"\\ud800",
    b"{\"a\":",
    b"[[[[[[[[",
    b"1e999",
    b"-0",
    b"9007199254740993",
    b"99999999999999999999",
    b"$",
    b"$argon2id$v=19$m=4294967295,t=4294967295,p=16777215$",
    b".",
    b"..",
    b"=",
    b"@",
    b",",
    b"%00",
    b"\r\n",
    b"\xff\xfe",
    b"\xf0\x9f\x94\x91",
    b"\xe2\x80\xae",
    b"\xc4\xb1",
    b"xn--",
];

impl Generator {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 for an `end` of 0.
    pub fn below(&mut self, end: usize) -> usize {
        self.next() as usize % end.max(1)
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    pub fn bytes(&mut self, most: usize) -> Vec<u8> {
        (0..self.below(most + 1)).map(|_| self.next() as u8).collect()
    }

    /// An integer: small, a moment of our time, or an extreme.
    pub fn integer(&mut self) -> i64 {
        match self.below(6) {
            0 => self.below(20) as i64,
            1 => 1_767_225_600_000 + self.below(10_000_000) as i64 - 5_000_000,
            2 => *self.pick(&[i64::MAX, i64::MIN, (1 << 53) - 1, -(1 << 53) + 1, 0, -1]),
            3 => self.next() as i64,
            _ => 1_767_225_600_000,
        }
    }

    /// An input of the corpus, changed in one to four places; sometimes unchanged, or of no corpus.
    pub fn mutated(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        if self.once_in(20) {
            return self.bytes(200);
        }
        let mut input = self.pick(corpus).clone();
        for _ in 0..self.below(5) {
            self.mutate(&mut input, corpus);
        }
        input
    }

    fn mutate(&mut self, input: &mut Vec<u8>, corpus: &[Vec<u8>]) {
        let at = self.below(input.len() + 1);
        let end = (at + self.below(8)).min(input.len());
        match self.below(8) {
            0 if at < input.len() => input[at] ^= 1 << self.below(8),
            1 if at < input.len() => input[at] = self.next() as u8,
            2 => drop(input.drain(at..end)),
            3 => input.truncate(at),
            4 => {
                let token = *self.pick(&TOKENS);
                drop(input.splice(at..end, token.iter().copied()));
            }
            5 => {
                let again = input[at..end].repeat(1 + self.below(40));
                drop(input.splice(at..at, again));
            }
            6 => {
                let other = self.pick(corpus);
                let from = self.below(other.len() + 1);
                drop(input.splice(at.., other[from..].iter().copied()));
            }
            _ => input.insert(at, self.next() as u8),
        }
    }
}
