//! Oddities of servers, each by name. Found from what a server says of itself and from what it does, never from
//! its host name.

use crate::capability::Capabilities;

/// What is odd about this server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quirks {
    /// Coremail: signed in, but SELECT and EXAMINE answer "Unsafe Login" until the client said who it is (RFC 2971).
    pub unsafe_login_until_id: bool,
    /// Coremail: SASL-IR and AUTH= are advertised, the inline form is refused; the LOGIN command works.
    pub login_instead_of_sasl_ir: bool,
    /// Coremail: STATUS and SELECT leave UIDNEXT out without a word; new mail is found by `UID SEARCH last+1:*`.
    pub hides_uidnext: bool,
    /// QQ: UIDs of a folder can be others in the next session, with the same UIDVALIDITY; re-identify before acting.
    pub renumbers_uids: bool,
    /// QQ: SEARCH ignores criteria or answers with too much; what it finds is checked by FETCH.
    pub search_unreliable: bool,
    /// Coremail: a session without a command dies after 2 to 4 minutes; say NOOP every 100 s.
    pub short_autologout: bool,
    /// NetEase: a third session of one account is reset.
    pub few_connections: bool,
    /// The server offers no IDLE (or failed at it): new mail is polled for.
    pub no_idle: bool,
    /// Coremail, Gmail, Exchange: a mail submitted by SMTP is put into Sent by the server.
    pub stores_sent: bool,
    /// Exchange, QQ: SEARCH knows no charset but US-ASCII; text is searched locally.
    pub search_ascii_only: bool,
    /// The server ignores `<offset.count>` of a body and sends the whole (learnt while fetching).
    pub ignores_partial: bool,
    /// BODYSTRUCTURE makes this server fail (learnt while fetching): structures come from the mail itself.
    pub no_bodystructure: bool,
    /// `LIST RETURN (...)` is advertised, but refused (learnt): plain LIST, SUBSCRIBED by LSUB.
    pub no_list_return: bool,
    /// The inverse of `select`: the server takes SELECT, but refuses EXAMINE (learnt).
    pub no_examine: bool,
}

impl Quirks {
    /// The quirks that a greeting's text, the capabilities and the ID answer tell.
    pub(crate) fn detect(greeting: &str, capabilities: &Capabilities, id: &[(String, String)]) -> Self {
        let greeting = greeting.to_ascii_lowercase();
        let id_says = |needle: &str| id.iter().any(|(_, value)| value.to_ascii_lowercase().contains(needle));
        let coremail = capabilities.coremail() || greeting.contains("coremail") || id_says("coremail");
        let qq = greeting.contains("qqmail") || id_says("qqmail") || id_says("tencent");
        let exchange = greeting.contains("microsoft exchange") || id_says("exchange");
        Self {
            unsafe_login_until_id: coremail,
            login_instead_of_sasl_ir: coremail,
            hides_uidnext: coremail,
            short_autologout: coremail,
            few_connections: coremail,
            renumbers_uids: qq,
            search_unreliable: qq,
            search_ascii_only: qq || exchange,
            no_idle: !capabilities.idle(),
            stores_sent: coremail || exchange || capabilities.gmail(),
            ignores_partial: false,
            no_bodystructure: false,
            no_list_return: false,
            no_examine: false,
        }
    }

    /// The names of the quirks that are set, for logs and `doctor`.
    pub fn names(&self) -> Vec<&'static str> {
        [
            (self.unsafe_login_until_id, "unsafe_login_until_id"),
            (self.login_instead_of_sasl_ir, "login_instead_of_sasl_ir"),
            (self.hides_uidnext, "hides_uidnext"),
            (self.renumbers_uids, "renumbers_uids"),
            (self.search_unreliable, "search_unreliable"),
            (self.short_autologout, "short_autologout"),
            (self.few_connections, "few_connections"),
            (self.no_idle, "no_idle"),
            (self.stores_sent, "stores_sent"),
            (self.search_ascii_only, "search_ascii_only"),
            (self.ignores_partial, "ignores_partial"),
            (self.no_bodystructure, "no_bodystructure"),
            (self.no_list_return, "no_list_return"),
            (self.no_examine, "no_examine"),
        ]
        .into_iter()
        .filter_map(|(set, name)| set.then_some(name))
        .collect()
    }
}
