//! Whose address is whose.
//!
//! A proof is the admin's word, a code that came back, WeCom's own word, or a key that one member and one account
//! share, each alone, by a rule that the admin confirmed. A name proves nothing.

use std::collections::HashMap;

use qiyou_bridge_api::{NoAddress, Proof};

use crate::db::directory::AccountRow;

/// A member, as far as the join is concerned.
#[derive(Clone, Copy, Debug, Default)]
pub struct Member<'a> {
    pub userid: &'a str,
    /// Empty: none.
    pub job: &'a str,
    /// The company's address that WeCom told; empty: none.
    pub told: &'a str,
}

/// An account of the mail platform that is in use.
#[derive(Clone, Copy, Debug, Default)]
pub struct Account<'a> {
    pub address: &'a str,
    /// Empty: none.
    pub job: &'a str,
}

impl<'a> From<&'a AccountRow> for Account<'a> {
    fn from(row: &'a AccountRow) -> Self {
        Self {
            address: &row.address,
            job: &row.job,
        }
    }
}

/// What may be believed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rule {
    /// The admin confirmed that equal keys are the same person.
    pub keys: bool,
    /// WeCom keeps everybody's address from this application.
    pub withheld: bool,
}

/// Whose address is whose, in the order of the members.
pub type Found = Result<(String, Proof), NoAddress>;

/// The better one is believed where two members have the same address.
fn rank(proof: Proof) -> u8 {
    match proof {
        Proof::Admin => 5,
        Proof::Code => 4,
        Proof::Reverse => 3,
        Proof::Wecom => 2,
        Proof::Key => 1,
    }
}

/// Finds the address of each member. `sworn` is what was proven when they signed in.
pub fn join(
    members: &[Member<'_>],
    accounts: &[Account<'_>],
    sworn: &HashMap<String, (String, Proof)>,
    rule: Rule,
) -> Vec<Found> {
    let mut keys: HashMap<&str, u32> = HashMap::new();
    for member in members.iter().filter(|member| !member.job.is_empty()) {
        let count = keys.entry(member.job).or_default();
        *count = count.saturating_add(1);
    }
    // None where two accounts have the key.
    let mut by_key: HashMap<&str, Option<&str>> = HashMap::new();
    for account in accounts.iter().filter(|account| !account.job.is_empty()) {
        by_key
            .entry(account.job)
            .and_modify(|address| *address = None)
            .or_insert(Some(account.address));
    }
    let nothing = if rule.withheld {
        NoAddress::Withheld
    } else {
        NoAddress::Empty
    };
    let mut found: Vec<Found> = members
        .iter()
        .map(|member| {
            let sworn = sworn.get(member.userid);
            if let Some((address, how)) = sworn.filter(|(_, how)| rank(*how) > rank(Proof::Wecom)) {
                return Ok((address.clone(), *how));
            }
            if !member.told.is_empty() {
                return Ok((member.told.to_owned(), Proof::Wecom));
            }
            if let Some((address, how)) = sworn {
                return Ok((address.clone(), *how));
            }
            let shared = keys.get(member.job).is_some_and(|count| *count > 1);
            match by_key.get(member.job) {
                Some(Some(address)) if !shared && rule.keys => Ok(((*address).to_owned(), Proof::Key)),
                Some(Some(_)) if !shared => Err(nothing),
                Some(_) => Err(NoAddress::Ambiguous),
                None => Err(nothing),
            }
        })
        .collect();
    contest(&mut found);
    found
}

/// An address that several claim is the one's whose proof is better than all others', else nobody's.
fn contest(found: &mut [Found]) {
    let mut best: HashMap<&str, (u8, u32)> = HashMap::new();
    for (address, how) in found.iter().flatten() {
        let (top, times) = best.entry(address).or_default();
        match rank(*how).cmp(top) {
            std::cmp::Ordering::Greater => (*top, *times) = (rank(*how), 1),
            std::cmp::Ordering::Equal => *times = times.saturating_add(1),
            std::cmp::Ordering::Less => {}
        }
    }
    let lost: Vec<bool> = found
        .iter()
        .map(|one| match one {
            Ok((address, how)) => best.get(address.as_str()) != Some(&(rank(*how), 1)),
            Err(_) => false,
        })
        .collect();
    for (one, lost) in found.iter_mut().zip(lost) {
        if lost {
            *one = Err(NoAddress::Ambiguous);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule {
        keys: true,
        withheld: false,
    };

    fn member<'a>(userid: &'a str, job: &'a str, told: &'a str) -> Member<'a> {
        Member { userid, job, told }
    }

    fn account<'a>(address: &'a str, job: &'a str) -> Account<'a> {
        Account { address, job }
    }

    fn sworn(all: &[(&str, &str, Proof)]) -> HashMap<String, (String, Proof)> {
        all.iter()
            .map(|(userid, address, how)| ((*userid).to_owned(), ((*address).to_owned(), *how)))
            .collect()
    }

    fn by(address: &str, how: Proof) -> (String, Proof) {
        (address.to_owned(), how)
    }

    #[test]
    fn what_wecom_tells_is_believed_and_a_key_where_it_tells_nothing() {
        let found = join(
            &[member("a", "1", "a@x.cn"), member("b", "2", ""), member("c", "3", "")],
            &[account("other@x.cn", "1"), account("b@x.cn", "2")],
            &HashMap::new(),
            RULE,
        );
        assert_eq!(
            found,
            [
                Ok(by("a@x.cn", Proof::Wecom)),
                Ok(by("b@x.cn", Proof::Key)),
                Err(NoAddress::Empty)
            ]
        );
    }

    #[test]
    fn a_key_proves_nothing_before_the_admin_confirmed_the_rule() {
        let rule = Rule { keys: false, ..RULE };
        let found = join(
            &[member("b", "2", "")],
            &[account("b@x.cn", "2")],
            &HashMap::new(),
            rule,
        );
        assert_eq!(found, [Err(NoAddress::Empty)]);
    }

    #[test]
    fn a_key_of_two_members_or_of_two_accounts_is_nobodys() {
        let found = join(
            &[member("a", "1", ""), member("b", "1", ""), member("c", "2", "")],
            &[account("a@x.cn", "1"), account("c@x.cn", "2"), account("c2@x.cn", "2")],
            &HashMap::new(),
            RULE,
        );
        assert_eq!(found, vec![Err(NoAddress::Ambiguous); 3]);
    }

    #[test]
    fn a_member_without_a_key_meets_no_account_without_one() {
        let found = join(
            &[member("a", "", "")],
            &[account("a@x.cn", "")],
            &HashMap::new(),
            Rule { withheld: true, ..RULE },
        );
        assert_eq!(found, [Err(NoAddress::Withheld)]);
    }

    #[test]
    fn the_admins_word_stands_above_wecoms_and_an_older_word_of_wecom_below_its_newest() {
        let sworn = sworn(&[("a", "right@x.cn", Proof::Admin), ("b", "old@x.cn", Proof::Wecom)]);
        let found = join(
            &[member("a", "", "wrong@x.cn"), member("b", "", "new@x.cn")],
            &[],
            &sworn,
            RULE,
        );
        assert_eq!(
            found,
            [Ok(by("right@x.cn", Proof::Admin)), Ok(by("new@x.cn", Proof::Wecom))]
        );
    }

    #[test]
    fn an_address_that_two_claim_is_the_better_provens_or_nobodys() {
        let found = join(
            &[
                member("a", "", "x@x.cn"),
                member("b", "", "x@x.cn"),
                member("c", "", "y@x.cn"),
                member("d", "7", ""),
            ],
            &[account("y@x.cn", "7")],
            &HashMap::new(),
            RULE,
        );
        assert_eq!(
            found,
            [
                Err(NoAddress::Ambiguous),
                Err(NoAddress::Ambiguous),
                Ok(by("y@x.cn", Proof::Wecom)),
                Err(NoAddress::Ambiguous)
            ]
        );
    }
}
