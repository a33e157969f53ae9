//! What the company fixes, laid over what a person chose. What they chose is kept below it, and is back when it goes.

use std::sync::Arc;

use qiyou_api::{ApiError, ErrorCode, Receipts, Settings};
use qiyou_bridge_api::{Fixed, FixedReceipts, LONGEST_SIGNATURE, Policy};
use qiyou_store::policy::is_of;
use qiyou_store::{Connection, accounts, company, directory, policy};

/// The settings as they hold, as the person chose them, and what lies between.
pub(crate) struct Kept {
    now: Arc<Settings>,
    chosen: Settings,
    managed: Managed,
}

impl Kept {
    pub(crate) fn new(chosen: Settings, managed: Managed) -> Self {
        Self {
            now: Arc::new(managed.over(chosen.clone())),
            chosen,
            managed,
        }
    }

    /// As they hold.
    pub(crate) fn now(&self) -> Arc<Settings> {
        Arc::clone(&self.now)
    }

    /// What the person chooses now, to be kept: where the company has the word, what they chose before. An attempt to
    /// change what is fixed is refused.
    pub(crate) fn choose(&self, wanted: &Settings) -> Result<Settings, ApiError> {
        for part in self.managed.parts() {
            // A page that does not know yet what was just fixed, or just given back, changes nothing by saying so.
            let as_it_is = part.copied(&self.now, wanted.clone()) == *wanted;
            let as_it_was = part.copied(&self.chosen, wanted.clone()) == *wanted;
            if !as_it_is && !as_it_was {
                return Err(self.managed.refusal(part.name()));
            }
        }
        let parts = self.managed.parts();
        Ok(parts.fold(wanted.clone(), |kept, part| part.copied(&self.chosen, kept)))
    }

    /// The person chose.
    pub(crate) fn chose(&mut self, chosen: Settings) -> Arc<Settings> {
        *self = Self::new(chosen, std::mem::take(&mut self.managed));
        self.now()
    }

    /// The company fixes something else. Whether anything is another now.
    pub(crate) fn manage(&mut self, managed: Managed) -> Option<Arc<Settings>> {
        let before = self.now();
        *self = Self::new(std::mem::take(&mut self.chosen), managed);
        (*before != *self.now).then(|| self.now())
    }

    /// The error of an attempt to change what the company fixes.
    pub(crate) fn refusal(&self, setting: &str) -> ApiError {
        self.managed.refusal(setting)
    }

    /// Whether pictures of the network may be shown at all.
    pub(crate) fn allows_pictures(&self) -> Result<(), ApiError> {
        if self.managed.pictures {
            Ok(())
        } else {
            Err(self.managed.refusal("pictures"))
        }
    }
}

/// What the company fixes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Managed {
    /// Who fixes it.
    company: String,
    fixed: Vec<Fixed>,
    /// The addresses that have the company's signature, lower case, and that signature.
    signature: Option<(Vec<String>, String)>,
    replies: bool,
    /// Whether pictures of the network are ever shown.
    pictures: bool,
}

impl Default for Managed {
    fn default() -> Self {
        Self {
            company: String::new(),
            fixed: Vec::new(),
            signature: None,
            replies: false,
            pictures: true,
        }
    }
}

/// One thing that is fixed.
enum Part<'a> {
    Setting(Fixed),
    Signature(&'a [String]),
    Pictures,
}

impl Part<'_> {
    fn name(&self) -> &'static str {
        match self {
            Self::Setting(fixed) => fixed.name(),
            Self::Signature(_) => "signature",
            Self::Pictures => "pictures",
        }
    }

    /// `to`, with this one thing as `from` has it.
    fn copied(&self, from: &Settings, mut to: Settings) -> Settings {
        match self {
            Self::Setting(fixed) => match fixed {
                Fixed::Autostart(_) => to.autostart = from.autostart,
                Fixed::Bubbles(_) => to.bubbles = from.bubbles,
                Fixed::Privacy(_) => to.privacy = from.privacy,
                Fixed::Codes(_) => to.codes = from.codes,
                Fixed::Receipts(_) => to.writing.receipts = from.writing.receipts,
                Fixed::UndoSeconds(_) => to.writing.undo_seconds = from.writing.undo_seconds,
                Fixed::AskAttachment(_) => to.writing.ask_attachment = from.writing.ask_attachment,
                Fixed::AskSubject(_) => to.writing.ask_subject = from.writing.ask_subject,
                Fixed::AskOutside(_) => to.writing.ask_outside = from.writing.ask_outside,
                Fixed::AskCrowd(_) => to.writing.ask_crowd = from.writing.ask_crowd,
                Fixed::Prefetch(_) => to.prefetch_months = from.prefetch_months,
                Fixed::Cache(_) => to.cache_mib = from.cache_mib,
            },
            Self::Signature(addresses) => {
                for address in *addresses {
                    let own = from.writing.authors.get(address);
                    let (signature, reply) = own.map_or_else(Default::default, |own| {
                        (own.signature.clone(), own.reply_signature.clone())
                    });
                    // Nobody gets an entry only to say that there is nothing in it.
                    if own.is_some() || to.writing.authors.contains_key(address) {
                        let author = to.writing.authors.entry(address.clone()).or_default();
                        (author.signature, author.reply_signature) = (signature, reply);
                    }
                }
            }
            Self::Pictures => to.pictures_from.clone_from(&from.pictures_from),
        }
        to
    }
}

impl Managed {
    /// As the store has it: policy, member, directory, accounts.
    pub(crate) fn read(conn: &Connection) -> qiyou_store::Result<Self> {
        let (Some(company), Some(policy)) = (company::get(conn)?, policy::get(conn)?) else {
            return Ok(Self::default());
        };
        let company = company.company;
        let member = &company.member;
        let signature = match &policy.signature {
            Some(template) => {
                let fields = fields(conn, &company)?;
                let addresses = accounts::list(conn)?
                    .into_iter()
                    .map(|account| account.address.to_lowercase())
                    .filter(|address| is_of(&member.domains, address));
                Some((addresses.collect(), filled(template, &fields)))
            }
            None => None,
        };
        Ok(Self {
            company: company.name,
            fixed: understood(&policy),
            signature,
            replies: policy.signature_replies,
            pictures: policy.features.remote_pictures,
        })
    }

    fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let settings = self.fixed.iter().map(|fixed| Part::Setting(*fixed));
        let signature = self.signature.iter().map(|(addresses, _)| Part::Signature(addresses));
        let pictures = (!self.pictures).then_some(Part::Pictures);
        settings.chain(signature).chain(pictures)
    }

    fn refusal(&self, setting: &str) -> ApiError {
        ApiError::new(ErrorCode::Managed)
            .with("company", self.company.clone())
            .with("setting", setting)
    }

    /// What holds.
    fn over(&self, mut settings: Settings) -> Settings {
        for fixed in &self.fixed {
            match *fixed {
                Fixed::Autostart(on) => settings.autostart = on,
                Fixed::Bubbles(on) => settings.bubbles = on,
                Fixed::Privacy(_) => settings.privacy = true,
                Fixed::Codes(on) => settings.codes = on,
                Fixed::Receipts(FixedReceipts::Ask) => settings.writing.receipts = Receipts::Ask,
                Fixed::Receipts(FixedReceipts::Never) => settings.writing.receipts = Receipts::Never,
                Fixed::UndoSeconds(seconds) => settings.writing.undo_seconds = seconds.get(),
                Fixed::AskAttachment(_) => settings.writing.ask_attachment = true,
                Fixed::AskSubject(_) => settings.writing.ask_subject = true,
                Fixed::AskOutside(_) => settings.writing.ask_outside = true,
                Fixed::AskCrowd(people) => settings.writing.ask_crowd = people.get(),
                Fixed::Prefetch(months) => settings.prefetch_months = months.get(),
                Fixed::Cache(mib) => settings.cache_mib = mib.get(),
            }
        }
        if let Some((addresses, signature)) = &self.signature {
            for address in addresses {
                let author = settings.writing.authors.entry(address.clone()).or_default();
                author.signature.clone_from(signature);
                author.reply_signature = if self.replies { signature.clone() } else { String::new() };
            }
        }
        if !self.pictures {
            settings.pictures_from.clear();
        }
        settings
    }
}

/// The settings of a policy that this version knows, with values that it takes.
fn understood(policy: &Policy) -> Vec<Fixed> {
    let read = policy.settings.iter().map(|(name, value)| Fixed::read(name, value));
    read.filter_map(Result::ok).collect()
}

/// Says in the log what of a policy this version passes over.
pub(crate) fn tell(policy: &Policy) {
    for (name, value) in &policy.settings {
        if let Err(why) = Fixed::read(name, value) {
            let name: String = name.chars().take(40).collect();
            let why: String = why.chars().take(200).collect();
            tracing::warn!(name, why, "a setting of the company's policy is passed over");
        }
    }
}

/// What a signature is filled in with.
fn fields(conn: &Connection, company: &qiyou_api::Company) -> qiyou_store::Result<[(&'static str, String); 6]> {
    let member = &company.member;
    let person = directory::person_called(conn, &member.id)?.map(|stored| stored.person);
    let department = match person.as_ref().and_then(|person| person.departments.first()) {
        Some(id) => directory::path(conn, *id)?.pop().unwrap_or_default(),
        None => String::new(),
    };
    let (title, phone) = person.map_or_else(Default::default, |person| (person.title, person.phone));
    Ok([
        ("name", member.name.clone()),
        ("title", title),
        ("department", department),
        ("phone", phone),
        ("address", member.address.clone().unwrap_or_default()),
        ("company", company.name.clone()),
    ])
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// A line with its fields filled in; nothing where it has fields and all of them are empty.
fn line(text: &str, fields: &[(&str, String)]) -> Option<String> {
    let (mut asked, mut said) = (false, false);
    let mut out = String::new();
    let mut rest = text;
    // From left to right: a value that looks like a field is no field.
    while let Some((before, behind)) = rest.split_once('{') {
        out.push_str(before);
        let field = behind
            .split_once('}')
            .and_then(|(name, after)| Some((fields.iter().find(|(field, _)| *field == name)?, after)));
        if let Some(((_, value), after)) = field {
            asked = true;
            said |= !value.is_empty();
            out.push_str(&escaped(value));
            rest = after;
        } else {
            out.push('{');
            rest = behind;
        }
    }
    out.push_str(rest);
    (!asked || said).then_some(out)
}

/// The signature as HTML that is safe to be sent: whatever the bridge was told by others.
fn filled(template: &str, fields: &[(&str, String)]) -> String {
    let mut out = String::new();
    let whole = if template.len() <= LONGEST_SIGNATURE {
        template
    } else {
        ""
    };
    for text in whole.lines() {
        let Some(line) = line(text.trim(), fields) else {
            continue;
        };
        if begins_block(&line) || line.trim().is_empty() {
            out.push_str(&line);
        } else {
            out.push_str("<p>");
            out.push_str(line.trim());
            out.push_str("</p>");
        }
        out.push('\n');
    }
    let safe = qiyou_mime::sanitise_to_send(&out, &|_| None).1;
    // Without the box around it, which is for a whole mail.
    let inner = safe.split_once('>').and_then(|(_, rest)| rest.strip_suffix("</div>"));
    inner.unwrap_or_default().trim().to_owned()
}

/// Whether a line begins with a tag that makes a block, or ends one.
fn begins_block(line: &str) -> bool {
    const BLOCKS: [&str; 19] = [
        "p",
        "div",
        "table",
        "thead",
        "tbody",
        "tr",
        "td",
        "th",
        "ul",
        "ol",
        "li",
        "blockquote",
        "hr",
        "pre",
        "h1",
        "h2",
        "h3",
        "h4",
        "style",
    ];
    let Some(tag) = line.strip_prefix('<') else {
        return false;
    };
    let tag = tag.strip_prefix('/').unwrap_or(tag);
    let end = tag.find(|c: char| !c.is_ascii_alphanumeric());
    let name = end.and_then(|end| tag.get(..end)).unwrap_or(tag).to_ascii_lowercase();
    BLOCKS.contains(&name.as_str())
}

#[cfg(test)]
mod tests;
