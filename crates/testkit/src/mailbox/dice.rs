//! Chance that is the same everywhere: `SplitMix64` (Steele, Lea, Flood 2014).

pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 to `limit` - 1; 0 for a limit of 0.
    pub(super) fn below(&mut self, limit: u32) -> u32 {
        let wide = u128::from(self.next()) * u128::from(limit);
        u32::try_from(wide >> 64).unwrap_or(0)
    }

    /// From `low` to `high`, both included.
    pub(super) fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    pub(super) fn percent(&mut self, chance: u32) -> bool {
        self.below(100) < chance
    }

    /// One word of a list that is not empty.
    pub(super) fn word(&mut self, list: &[&'static str]) -> &'static str {
        let word: &&'static str = self.pick(list);
        word
    }

    /// One of a list that is not empty.
    pub(super) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        let at = self.below(u32::try_from(list.len()).unwrap_or(u32::MAX)) as usize;
        match list.get(at) {
            Some(item) => item,
            None => unreachable!("an empty list was rolled on"),
        }
    }
}
