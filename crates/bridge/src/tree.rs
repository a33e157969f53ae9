//! Departments below departments, whatever WeCom tells of them.

use std::collections::{HashMap, HashSet};

/// The roots and all below them, each once, those above first. `parents`: each department with the one above it.
pub fn below(parents: impl IntoIterator<Item = (i64, i64)>, roots: &[i64]) -> Vec<i64> {
    let mut children: HashMap<i64, Vec<i64>> = HashMap::new();
    for (id, parent) in parents {
        children.entry(parent).or_default().push(id);
    }
    // A circle ends where it began.
    let mut seen = HashSet::new();
    let mut found: Vec<i64> = roots.iter().copied().filter(|root| seen.insert(*root)).collect();
    let mut at = 0;
    while let Some(id) = found.get(at) {
        let below = children.remove(id).unwrap_or_default();
        found.extend(below.into_iter().filter(|child| seen.insert(*child)));
        at = at.saturating_add(1);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn departments_that_lead_in_a_circle_are_each_named_once() {
        let all = [(1, 3), (2, 1), (3, 2), (4, 9)];
        assert_eq!(below(all, &[1]), [1, 2, 3]);
        assert_eq!(below(all, &[2, 1, 2]), [2, 1, 3]);
        assert_eq!(below(all, &[7]), [7]);
        assert!(below(all, &[]).is_empty());
    }
}
