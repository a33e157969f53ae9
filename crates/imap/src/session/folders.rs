//! Folders: listing, STATUS, making, renaming, removing, subscribing.

use std::collections::HashSet;

use super::{Command, Session};
use crate::error::Error;
use crate::mailbox::{ListRow, Mailbox, NamespaceKind, SpecialUse, Status, name_special_uses};
use crate::name::MailboxName;
use crate::parse::Response;

/// Most prefixes of other namespaces that are listed one by one.
const MAX_PREFIXES: usize = 20;

impl Session {
    fn status_items(&self) -> &'static str {
        if self.capabilities.condstore() {
            "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ)"
        } else {
            "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN)"
        }
    }

    /// All folders, with their purposes, subscriptions, and (with LIST-STATUS) their STATUS, in one command where the
    /// server can.
    pub async fn list(&mut self) -> Result<Vec<Mailbox>, Error> {
        let mut mailboxes = self.list_below(b"").await?;
        // Shared folders are not below "" everywhere (Courier).
        let spaces = self.namespaces.clone();
        for space in spaces.other.iter().chain(&spaces.shared).take(MAX_PREFIXES) {
            let told = space.prefix.is_empty()
                || mailboxes
                    .iter()
                    .any(|m| m.name.wire().starts_with(space.prefix.as_slice()));
            if !told {
                let more = self.list_below(&space.prefix).await?;
                mailboxes.extend(more);
            }
        }
        self.purposes_by_xlist(&mut mailboxes).await?;
        let mut seen = HashSet::new();
        mailboxes.retain(|m| seen.insert(m.name.clone()));
        self.subscriptions(&mut mailboxes).await?;
        // A renamed \Inbox of XLIST ("收件箱") is the inbox under another name: only the true one counts.
        if mailboxes.iter().any(|m| m.name.is_inbox()) {
            for mailbox in &mut mailboxes {
                if mailbox.special_use == Some(SpecialUse::Inbox) && !mailbox.name.is_inbox() {
                    mailbox.special_use = None;
                }
            }
        }
        name_special_uses(&mut mailboxes);
        Ok(mailboxes)
    }

    async fn list_below(&mut self, prefix: &[u8]) -> Result<Vec<Mailbox>, Error> {
        let extended = self.capabilities.list_extended() && !self.quirks.no_list_return;
        let status = self.capabilities.list_status() && !self.quirks.no_list_return;
        let mut wanted = Vec::new();
        if extended {
            wanted.push("SUBSCRIBED".to_owned());
            if self.capabilities.special_use() {
                wanted.push("SPECIAL-USE".to_owned());
            }
        }
        if status {
            wanted.push(format!("STATUS {}", self.status_items()));
        }
        // Gmail offers all three and tells purposes in a plain LIST; Aliyun and old Coremail only in XLIST.
        let xlist = self.capabilities.xlist() && !self.capabilities.special_use() && !extended;
        let verb = if xlist { "XLIST \"\" " } else { "LIST \"\" " };
        let mut pattern = prefix.to_vec();
        pattern.push(b'*');
        let mut command = Command::new(verb).value(pattern);
        if !wanted.is_empty() && !xlist {
            command = command.raw(&format!(" RETURN ({})", wanted.join(" ")));
        }
        let returns = !wanted.is_empty() && !xlist;
        match self.list_rows(command).await {
            Err(Error::Bad { .. } | Error::No { .. }) if returns => {
                self.quirks.no_list_return = true;
                Box::pin(self.list_below(prefix)).await
            }
            Ok(mut mailboxes) => {
                if extended {
                    // Told for all of them: who is not subscribed is said by silence.
                    for mailbox in &mut mailboxes {
                        mailbox.subscribed.get_or_insert(false);
                    }
                }
                Ok(mailboxes)
            }
            other => other,
        }
    }

    async fn list_rows(&mut self, command: Command) -> Result<Vec<Mailbox>, Error> {
        let namespaces = self.namespaces.clone();
        let most = self.limits.max_mailboxes;
        let mut mailboxes: Vec<Mailbox> = Vec::new();
        let mut statuses: Vec<(MailboxName, Status)> = Vec::new();
        self.run(command, |response| match response {
            Response::List(row) => {
                if mailboxes.len() < most && !row.has("\\NonExistent") {
                    mailboxes.push(row.into_mailbox(&namespaces));
                }
                Ok(None)
            }
            Response::MailboxStatus(name, status) => {
                if statuses.len() < most {
                    statuses.push((name, status));
                }
                Ok(None)
            }
            other => Ok(Some(other)),
        })
        .await?;
        let mut by_name: std::collections::HashMap<MailboxName, Status> = statuses.into_iter().collect();
        for mailbox in &mut mailboxes {
            mailbox.status = by_name.remove(&mailbox.name);
        }
        Ok(mailboxes)
    }

    /// Where LIST told no purpose and the server has only the forerunner of SPECIAL-USE, that is asked.
    async fn purposes_by_xlist(&mut self, mailboxes: &mut [Mailbox]) -> Result<(), Error> {
        let told = mailboxes
            .iter()
            .any(|m| m.special_use.is_some_and(|s| s != SpecialUse::Inbox));
        if told || !self.capabilities.xlist() || self.capabilities.special_use() {
            return Ok(());
        }
        match self.list_rows(Command::new("XLIST \"\" \"*\"")).await {
            Ok(rows) => {
                let purposes: std::collections::HashMap<_, _> = rows
                    .into_iter()
                    .filter_map(|m| m.special_use.map(|s| (m.name, s)))
                    .collect();
                for mailbox in mailboxes {
                    mailbox.special_use = mailbox.special_use.or_else(|| purposes.get(&mailbox.name).copied());
                }
                Ok(())
            }
            Err(e) if e.is_fatal() => Err(e),
            Err(_) => Ok(()),
        }
    }

    /// Asks LSUB where LIST did not tell who is subscribed. A refusal is no error: then nobody knows.
    async fn subscriptions(&mut self, mailboxes: &mut [Mailbox]) -> Result<(), Error> {
        if mailboxes.iter().all(|m| m.subscribed.is_some()) {
            return Ok(());
        }
        let most = self.limits.max_mailboxes;
        let mut rows: Vec<ListRow> = Vec::new();
        let asked = self
            .run(Command::new("LSUB \"\" \"*\""), |response| match response {
                // Some servers answer LSUB with LIST rows.
                Response::Lsub(row) | Response::List(row) => {
                    if rows.len() < most {
                        rows.push(row);
                    }
                    Ok(None)
                }
                other => Ok(Some(other)),
            })
            .await;
        match asked {
            Ok(_) => {}
            Err(e) if e.is_fatal() => return Err(e),
            Err(_) => return Ok(()),
        }
        // An empty answer is what servers give that keep no subscriptions.
        if rows.is_empty() {
            return Ok(());
        }
        let subscribed: HashSet<MailboxName> = rows
            .into_iter()
            .filter(|row| !row.has("\\Noselect"))
            .map(|row| row.name)
            .collect();
        for mailbox in mailboxes {
            if mailbox.subscribed.is_none() {
                mailbox.subscribed = Some(subscribed.contains(&mailbox.name));
            }
        }
        Ok(())
    }

    /// The STATUS of every folder in one command (RFC 5819). `None` where the server has no LIST-STATUS: then ask
    /// [`Session::status`] one by one.
    pub async fn status_of_all(&mut self) -> Result<Option<Vec<(MailboxName, Status)>>, Error> {
        if !self.capabilities.list_status() || self.quirks.no_list_return {
            return Ok(None);
        }
        let command = Command::new(format!("LIST \"\" \"*\" RETURN (STATUS {})", self.status_items()));
        match self.list_rows(command).await {
            Ok(mailboxes) => Ok(Some(
                mailboxes
                    .into_iter()
                    .filter_map(|m| m.status.map(|status| (m.name, status)))
                    .collect(),
            )),
            Err(Error::Bad { .. } | Error::No { .. }) => {
                self.quirks.no_list_return = true;
                Ok(None)
            }
            Err(e) => Err(e),
        }
    }

    /// The numbers of one folder.
    pub async fn status(&mut self, name: &MailboxName) -> Result<Status, Error> {
        let command = Command::new("STATUS ")
            .value(self.wire_name(name))
            .raw(" ")
            .raw(self.status_items());
        let mut found = None;
        let wanted = name.clone();
        self.run(command, |response| match response {
            Response::MailboxStatus(told, status) if told == wanted => {
                found = Some(status);
                Ok(None)
            }
            // A server may spell the name in another way than we asked; the first answer is meant.
            Response::MailboxStatus(_, status) if found.is_none() => {
                found = Some(status);
                Ok(None)
            }
            other => Ok(Some(other)),
        })
        .await?;
        let status = found.unwrap_or_default();
        if status.messages.is_some() && status.uidnext.is_none() {
            self.quirks.hides_uidnext = true;
        }
        Ok(status)
    }

    /// Makes a folder and subscribes to it.
    pub async fn create(&mut self, name: &MailboxName) -> Result<(), Error> {
        self.run_simple(Command::new("CREATE ").value(self.wire_name(name)))
            .await?;
        // A folder that no other program shows helps nobody; a server without subscriptions may refuse.
        match self.subscribe(name).await {
            Err(e) if e.is_fatal() => Err(e),
            _ => Ok(()),
        }
    }

    /// Renames or moves a folder (with what is below it) and takes the subscription along.
    pub async fn rename(&mut self, from: &MailboxName, to: &MailboxName) -> Result<(), Error> {
        if from.is_inbox() {
            // It would move all mails away and leave the inbox (RFC 9051 6.3.6), which nobody who renames means.
            return Err(Error::No {
                code: None,
                text: "INBOX cannot be renamed".to_owned(),
            });
        }
        if self.selected() == Some(from) {
            self.unselect().await?;
        }
        self.run_simple(
            Command::new("RENAME ")
                .value(self.wire_name(from))
                .raw(" ")
                .value(self.wire_name(to)),
        )
        .await?;
        for step in [self.subscribe(to).await, self.unsubscribe(from).await] {
            if let Err(e) = step
                && e.is_fatal()
            {
                return Err(e);
            }
        }
        Ok(())
    }

    /// Removes a folder with its mails.
    pub async fn delete(&mut self, name: &MailboxName) -> Result<(), Error> {
        if self.selected() == Some(name) {
            self.unselect().await?;
        }
        self.run_simple(Command::new("DELETE ").value(self.wire_name(name)))
            .await?;
        match self.unsubscribe(name).await {
            Err(e) if e.is_fatal() => Err(e),
            _ => Ok(()),
        }
    }

    pub async fn subscribe(&mut self, name: &MailboxName) -> Result<(), Error> {
        self.run_simple(Command::new("SUBSCRIBE ").value(self.wire_name(name)))
            .await
            .map(drop)
    }

    pub async fn unsubscribe(&mut self, name: &MailboxName) -> Result<(), Error> {
        self.run_simple(Command::new("UNSUBSCRIBE ").value(self.wire_name(name)))
            .await
            .map(drop)
    }

    /// The prefix below which a person's own folders belong (`""`, `INBOX.`), and its delimiter.
    pub fn personal_prefix(&self) -> (String, Option<char>) {
        match self.namespaces.personal.first() {
            Some(space) => (
                MailboxName::from_wire(&space.prefix).display().to_owned(),
                space.delimiter,
            ),
            None => (String::new(), None),
        }
    }

    /// Whose folder `name` is.
    pub fn namespace_of(&self, name: &MailboxName) -> NamespaceKind {
        self.namespaces.kind_of(name.wire())
    }
}
