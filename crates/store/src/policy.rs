//! What the company fixes: one value of the `meta` table, and the folders that are followed because of it.

use qiyou_api::{AccountId, CompanyPolicy, FolderId, Role};
use qiyou_bridge_api::{Fixed, Policy};
use rusqlite::{Connection, params};

use crate::error::Result;
use crate::folders::{self, Word as _};
use crate::{accounts, company, settings};

const KEY: &str = "policy";

/// The policy that holds here.
pub fn get(conn: &Connection) -> Result<Option<Policy>> {
    let json = settings::get(conn, KEY)?;
    Ok(json.map(|json| serde_json::from_str(&json)).transpose()?)
}

/// Keeps it in place of an older one. The folders follow with [`follow`].
pub fn set(conn: &Connection, policy: &Policy) -> Result<()> {
    settings::put(conn, KEY, &serde_json::to_string(policy)?)
}

/// Forgets it. [`follow`] then gives the folders back.
pub fn clear(conn: &Connection) -> Result<()> {
    conn.execute("DELETE FROM meta WHERE key = ?1", [KEY])?;
    Ok(())
}

/// What clients are told of it; nothing where it fixes nothing.
pub(crate) fn shown(conn: &Connection) -> Result<Option<CompanyPolicy>> {
    let Some(policy) = get(conn)? else { return Ok(None) };
    let mut names: Vec<String> = policy
        .settings
        .iter()
        .filter_map(|(name, value)| Fixed::read(name, value).ok())
        .map(|fixed| fixed.name().to_owned())
        .collect();
    if policy.signature.is_some() {
        names.push("signature".to_owned());
    }
    if !policy.features.remote_pictures {
        names.push("pictures".to_owned());
    }
    let fixes = !names.is_empty() || !policy.follow.is_empty();
    Ok(fixes.then_some(CompanyPolicy {
        settings: names,
        folders: policy.follow,
        issued: policy.issued,
    }))
}

/// Whether an address is in one of these domains.
pub fn is_of(domains: &[String], address: &str) -> bool {
    address
        .rsplit_once('@')
        .is_some_and(|(_, domain)| domains.iter().any(|ours| ours.eq_ignore_ascii_case(domain)))
}

/// A path as it is compared: however its parts are joined, in small letters.
fn path(text: &str) -> String {
    let parts: Vec<String> = text.split('/').map(|part| part.trim().to_lowercase()).collect();
    parts.join("/")
}

/// Has the company's folders followed, in the mailboxes of its domains, and gives back those that are no longer among
/// them as their person had them. Which changed; `only` looks at one account.
pub fn follow(conn: &Connection, only: Option<AccountId>) -> Result<Vec<(AccountId, FolderId)>> {
    let wanted = get(conn)?.map_or_else(Vec::new, |policy| policy.follow);
    let any: bool = conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM folder WHERE own_followed IS NOT NULL)")?
        .query_row([], |row| row.get(0))?;
    if wanted.is_empty() && !any {
        return Ok(Vec::new());
    }
    let domains = company::get(conn)?.map_or_else(Vec::new, |company| company.company.member.domains);
    let wanted: Vec<String> = wanted.iter().map(|folder| path(folder)).collect();
    let mut changed = Vec::new();
    for account in accounts::list(conn)? {
        if only.is_some_and(|only| only != account.id) {
            continue;
        }
        let ours = is_of(&domains, &account.address);
        for stored in folders::list(conn, Some(account.id))? {
            let folder = stored.folder;
            let own = path(&folder.path);
            let role = Some(folder.role.word()).filter(|_| folder.role != Role::None);
            let named = |each: &String| *each == own || Some(each.as_str()) == role;
            let fixed = ours && folder.selectable && wanted.iter().any(named);
            if fixed == folder.managed {
                continue;
            }
            let sql = if fixed {
                "UPDATE folder SET own_followed = followed, followed = 1 WHERE id = ?1"
            } else {
                "UPDATE folder SET followed = own_followed, own_followed = NULL WHERE id = ?1"
            };
            conn.execute(sql, params![folder.id])?;
            changed.push((account.id, folder.id));
        }
    }
    Ok(changed)
}
