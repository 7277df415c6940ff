//! Inputs by number, and whether a kernel hashes them as the `argon2` crate does. Also built into
//! the probe, which runs in JavaScript's runtimes.

use argon2::{Argon2, AssociatedData, ParamsBuilder};
use authcore_argon2id::{Algorithm, Hasher, Inputs, Kernel, Pool, Version};

/// SplitMix64 (Steele, Lea, Flood 2014): small, and good enough to vary inputs.
struct Generator(u64);

impl Generator {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn within(&mut self, least: u64, most: u64) -> u64 {
        least + self.next() % (most - least + 1)
    }

    fn bytes(&mut self, least: u64, most: u64) -> Vec<u8> {
        (0..self.within(least, most)).map(|_| self.next() as u8).collect()
    }
}

/// One hash to compute twice.
#[derive(Debug)]
struct Case {
    algorithm: Algorithm,
    version: Version,
    memory_kib: u32,
    iterations: u32,
    parallelism: u32,
    password: Vec<u8>,
    salt: Vec<u8>,
    secret: Vec<u8>,
    associated_data: Vec<u8>,
    tag: usize,
}

impl Case {
    fn new(number: u64) -> Self {
        let mut generator = Generator(number);
        let [algorithm, version] = [generator.next(), generator.next()];
        let parallelism = generator.within(1, 5) as u32;
        // From the least that there is; few are a multiple of 4p. A segment may need addresses
        // twice (more than 128 blocks).
        let least = 8 * u64::from(parallelism);
        let most = if generator.next().is_multiple_of(8) { 1200 } else { least + 100 };
        Self {
            algorithm: [Algorithm::Argon2d, Algorithm::Argon2i, Algorithm::Argon2id]
                [algorithm as usize % 3],
            version: [Version::V0x13, Version::V0x13, Version::V0x10][version as usize % 3],
            memory_kib: generator.within(least, most) as u32,
            iterations: generator.within(1, 4) as u32,
            parallelism,
            password: generator.bytes(0, 200),
            salt: generator.bytes(8, 70),
            secret: generator.bytes(0, 40),
            associated_data: generator.bytes(0, 32),
            tag: generator.within(4, 200) as usize,
        }
    }

    fn by_kernel(&self, kernel: Kernel, pool: &Pool) -> Vec<u8> {
        let hasher = Hasher {
            kernel,
            algorithm: self.algorithm,
            version: self.version,
            memory_kib: self.memory_kib,
            iterations: self.iterations,
            parallelism: self.parallelism,
        };
        let inputs = Inputs {
            password: &self.password,
            salt: &self.salt,
            secret: &self.secret,
            associated_data: &self.associated_data,
        };
        let mut tag = vec![0; self.tag];
        hasher.hash(&inputs, pool, &mut tag).unwrap();
        tag
    }

    fn by_argon2(&self) -> Vec<u8> {
        let mut params = ParamsBuilder::new();
        params.m_cost(self.memory_kib).t_cost(self.iterations).p_cost(self.parallelism);
        params.data(AssociatedData::new(&self.associated_data).unwrap());
        let params = params.build().unwrap();
        let (algorithm, version) = (self.algorithm, self.version);
        let argon2 = Argon2::new_with_secret(&self.secret, algorithm, version, params).unwrap();
        let mut tag = vec![0; self.tag];
        argon2.hash_password_into(&self.password, &self.salt, &mut tag).unwrap();
        tag
    }
}

/// Which kernel hashes which inputs otherwise than the `argon2` crate.
pub fn differences(numbers: std::ops::Range<u64>) -> Vec<String> {
    // Kept from one to the next: what is left of another cost must not matter.
    let pool = Pool::new(1, 1200);
    let mut found = Vec::new();
    for number in numbers {
        let case = Case::new(number);
        let expected = case.by_argon2();
        for kernel in Kernel::all() {
            if case.by_kernel(kernel, &pool) != expected {
                found.push(format!("{} of {number}: {case:?}", kernel.name()));
            }
        }
    }
    found
}
