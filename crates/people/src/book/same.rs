//! Cards that mean the same person.

use std::collections::HashMap;

use super::{Card, digits};

/// What may be on two cards of one person: an address, a number, a whole name.
fn marks(card: &Card) -> Vec<String> {
    let name: String = card
        .name
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect();
    let mut marks: Vec<String> = card
        .emails
        .iter()
        .map(|email| format!("@{}", email.to_lowercase()))
        .collect();
    marks.extend(
        card.phones
            .iter()
            .map(|phone| digits(phone))
            // An extension says nobody.
            .filter(|phone| phone.len() >= 7)
            .map(|phone| format!("#{phone}")),
    );
    if name.chars().count() >= 2 {
        marks.push(format!("={name}"));
    }
    marks
}

/// The earliest card that a card points to.
fn first(up: &[usize], mut at: usize) -> usize {
    while let Some(&next) = up.get(at) {
        if next == at {
            break;
        }
        at = next;
    }
    at
}

/// Places of cards that seem to mean one person, by an address, a number or a name that they have in common; also
/// over others, as when one card has the address of a second and the number of a third.
pub fn doubles(cards: &[Card]) -> Vec<Vec<usize>> {
    // Each card points to an earlier one of its person, the first to itself.
    let mut up: Vec<usize> = (0..cards.len()).collect();
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (at, card) in cards.iter().enumerate() {
        for mark in marks(card) {
            let other = *seen.entry(mark).or_insert(at);
            let (a, b) = (first(&up, at), first(&up, other));
            let (low, high) = (a.min(b), a.max(b));
            if let Some(slot) = up.get_mut(high) {
                *slot = low;
            }
        }
    }
    let mut sets: HashMap<usize, Vec<usize>> = HashMap::new();
    for at in 0..cards.len() {
        sets.entry(first(&up, at)).or_default().push(at);
    }
    let mut sets: Vec<Vec<usize>> = sets.into_values().filter(|set| set.len() > 1).collect();
    sets.sort();
    sets
}

/// One card with everything that several say; where they say different things, what the first says.
pub fn merged(cards: &[Card]) -> Card {
    let mut all = cards.iter().cloned();
    let mut card = all.next().unwrap_or_default();
    for other in all {
        for (mine, theirs) in [
            (&mut card.name, other.name),
            (&mut card.company, other.company),
            (&mut card.department, other.department),
            (&mut card.title, other.title),
            (&mut card.source, other.source),
        ] {
            if mine.is_empty() {
                *mine = theirs;
            }
        }
        if !other.note.is_empty() && !card.note.contains(&other.note) {
            if !card.note.is_empty() {
                card.note.push('\n');
            }
            card.note.push_str(&other.note);
        }
        card.emails.extend(other.emails);
        card.phones.extend(other.phones);
        card.groups.extend(other.groups);
    }
    card.tidied()
}
