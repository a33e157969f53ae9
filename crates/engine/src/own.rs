//! The addresses that a person writes from: those of the accounts, and the aliases that they have.

use qiyou_api::{AccountId, Address, Settings, Writing};
use qiyou_store::accounts::StoredAccount;
use qiyou_store::mails::StoredMail;

/// Aliases of one account.
const MOST: usize = 50;

fn aliases<'w>(writing: &'w Writing, account: &StoredAccount) -> impl Iterator<Item = &'w str> {
    let author = writing.authors.get(&account.address.to_lowercase());
    author
        .into_iter()
        .flat_map(|author| author.aliases.iter().take(MOST))
        .map(String::as_str)
}

/// All of them, those of the accounts first.
pub(crate) fn addresses(accounts: &[StoredAccount], settings: &Settings) -> Vec<String> {
    let first = accounts.iter().map(|account| account.address.clone());
    let others = accounts
        .iter()
        .flat_map(|account| aliases(&settings.writing, account).map(str::to_owned));
    first.chain(others).collect()
}

/// Whether an address is one of them.
pub(crate) fn is_own(own: &[String], address: &str) -> bool {
    own.iter().any(|each| each.eq_ignore_ascii_case(address))
}

/// The address that an account writes from: the alias that is wanted, where it still has it.
pub(crate) fn from(account: &StoredAccount, settings: &Settings, wanted: &str) -> String {
    aliases(&settings.writing, account)
        .find(|alias| alias.eq_ignore_ascii_case(wanted))
        .map_or_else(|| account.address.clone(), str::to_owned)
}

/// The alias that a mail came to, which answers it; empty where it came to the account itself.
pub(crate) fn answering(
    accounts: &[StoredAccount],
    settings: &Settings,
    account: AccountId,
    mail: &StoredMail,
) -> String {
    let Some(account) = accounts.iter().find(|each| each.id == account) else {
        return String::new();
    };
    let people = || {
        mail.envelope
            .to
            .iter()
            .chain(&mail.envelope.cc)
            .chain(&mail.envelope.from)
    };
    let named = |address: &str| people().any(|who: &Address| who.address.eq_ignore_ascii_case(address));
    if named(&account.address) {
        return String::new();
    }
    aliases(&settings.writing, account)
        .find(|alias| named(alias))
        .unwrap_or_default()
        .to_owned()
}
