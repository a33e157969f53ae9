//! Why a call came to nothing.

use std::time::Duration;

use qiyou_net::HttpError;

/// Why a call came to nothing.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// WeCom refused with this `errcode`.
    #[error("{api}: WeCom refuses with {code} ({})", meaning(*.code))]
    Code { code: i64, api: &'static str },
    /// No answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// An answer that is not one of this API: another status than 200, no JSON, or without what it is about.
    #[error("{api}: the answer (status {status}) {what}")]
    Answer {
        api: &'static str,
        status: u16,
        what: &'static str,
    },
    /// Not asked: a quota of this api is used up, and asking again would not end that sooner.
    #[error("{api}: not asked, a quota is used up: wait {} s", .wait.as_secs())]
    BackingOff { api: &'static str, wait: Duration },
}

/// What an [`Error`] asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An admin has to change something: secret, ids, trusted domain, trusted IP, permissions.
    Configuration,
    /// The code or ticket is used or over: the sign-in starts anew.
    Restart,
    /// The member is not one, or not one that the application may see.
    Member,
    /// A quota is used up: later.
    Quota,
    /// WeCom is busy: soon.
    Busy,
    /// WeCom is not reached, or does not answer as it should.
    Down,
    Other,
}

impl Error {
    /// What to do about it.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Code { code, .. } => kind(*code),
            Self::Http(_) | Self::Answer { .. } => Kind::Down,
            Self::BackingOff { .. } => Kind::Quota,
        }
    }

    /// The `errcode`, if WeCom gave one.
    pub fn code(&self) -> Option<i64> {
        match self {
            Self::Code { code, .. } => Some(*code),
            _ => None,
        }
    }
}

fn kind(code: i64) -> Kind {
    match code {
        // Secret, company, application; its permissions; trusted domain and trusted IP.
        40001 | 40013 | 40056 | 40057 | 40091 | 40093 | 41002 | 41004 | 48001 | 48002 | 48006 | 50001 | 50003
        | 60020 | 85005 | 301_002 => Kind::Configuration,
        // OAuth2's code, the user ticket.
        40029 | 40078 | 41008 | 42003 | 42022 | 84014 | 84015 => Kind::Restart,
        40003 | 40031 | 41009 | 46004 | 50002 | 60011 | 60111 | 60147 | 60148 | 81013 => Kind::Member,
        45009 | 45033 => Kind::Quota,
        -1 => Kind::Busy,
        // A token that was just fetched is refused: nothing here can be changed to mend that.
        40014 | 41001 | 42001 => Kind::Down,
        _ => Kind::Other,
    }
}

/// For logs and admins.
fn meaning(code: i64) -> &'static str {
    match code {
        -1 => "busy",
        40001 => "the secret is wrong, was reset, or the application is stopped",
        40003 | 60111 => "no such member",
        40013 => "the corp id is wrong",
        40014 | 42001 => "the access token is invalid",
        40029 | 40078 | 42003 | 42022 => "the code is used or over",
        40031 | 40032 => "the list of recipients is malformed or too long",
        40056 => "the agent id is wrong",
        40057 => "the callback address could not be verified",
        40058 | 40063 => "a parameter is wrong or missing",
        40091 => "the secret is that of another company",
        40093 => "the JS-SDK signature is wrong",
        41001 | 41002 | 41004 | 41008 | 41009 => "a parameter is missing",
        44004 => "an empty text",
        45002 => "the text is too long",
        45009 => "the call quota is used up",
        45033 => "too many calls at once",
        46004 => "no such member that the application may see",
        48001 | 48002 => "the secret may not call this",
        48006 => "the permission was withdrawn because the application was not used",
        50001 => "the domain is not trusted, or the code is that of another application",
        50002 => "the member is outside the application's scope",
        50003 => "the application is stopped",
        60011 => "outside what the application may see",
        60020 => "this server's IP is not on the application's list of trusted IPs",
        60147 | 60148 => "no member has this mail address",
        81013 => "no recipient is known and in scope",
        82001 => "no recipient",
        84014 | 84015 => "the user ticket is over or invalid",
        85005 => "the trusted domain's ownership is not verified",
        301_002 => "the agent id is not that of the secret",
        _ => "see WeCom's list of global error codes",
    }
}

#[cfg(test)]
mod tests;
