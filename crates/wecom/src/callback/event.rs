//! What happened (reference A6, directory events; document 90970).

use roxmltree::Node;
use sha2::{Digest as _, Sha256};

use super::xml::{child, parse, text_of};
use super::{Error, hex};
use crate::user::{Attribute, Status};

/// An event as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// When WeCom says it happened, in unix seconds. Order is not guaranteed.
    pub created: i64,
    /// Who did it: `sys`, or a userid.
    pub from: String,
    pub event: Event,
    key: String,
}

impl Received {
    /// The same for each delivery of one event, another for another event: 64 hexadecimal digits.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The directory changed.
    ChangeContact(Change),
    /// Anything else: the `Event` of an event (`subscribe`, `enter_agent` ...), or the `MsgType` of a message.
    Other {
        name: String,
        /// The elements that hold text, as sent.
        fields: Vec<(String, String)>,
    },
}

/// What changed in the directory. Only what changed is there, and of that only what WeCom tells: read again what is
/// named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    CreateUser {
        userid: String,
        fields: Box<Fields>,
    },
    UpdateUser {
        userid: String,
        /// The userid from now on, if it is another.
        new_userid: Option<String>,
        fields: Box<Fields>,
    },
    DeleteUser {
        userid: String,
    },
    CreateParty {
        id: i64,
        name: Option<String>,
        parent: Option<i64>,
        order: Option<i64>,
    },
    UpdateParty {
        id: i64,
        name: Option<String>,
        parent: Option<i64>,
    },
    DeleteParty {
        id: i64,
    },
    UpdateTag {
        id: i64,
        users_added: Vec<String>,
        users_removed: Vec<String>,
        departments_added: Vec<i64>,
        departments_removed: Vec<i64>,
    },
    /// A kind that is not documented.
    Other {
        kind: String,
    },
}

/// What is told of a member: `None` where the event does not speak of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    pub name: Option<String>,
    pub alias: Option<String>,
    pub departments: Option<Vec<i64>>,
    pub main_department: Option<i64>,
    /// Parallel to `departments`.
    pub leads: Option<Vec<bool>>,
    /// Userids.
    pub direct_leaders: Option<Vec<String>>,
    pub position: Option<String>,
    pub mobile: Option<String>,
    pub telephone: Option<String>,
    pub email: Option<String>,
    pub biz_mail: Option<String>,
    pub status: Option<Status>,
    pub attributes: Option<Vec<Attribute>>,
}

/// Reads a decrypted message.
pub(super) fn read(text: &str) -> Result<Received, Error> {
    let document = parse(text)?;
    let message = Message(document.root_element());
    let from = message.text("FromUserName").unwrap_or_default();
    let created = message.number("CreateTime").unwrap_or_default();
    let kind = message.text("MsgType").unwrap_or_default();
    let name = match message.text("Event") {
        Some(event) if kind == "event" => event,
        _ => kind,
    };
    if name.is_empty() {
        return Err(Error::Malformed("has no type"));
    }
    let event = if name == "change_contact" {
        Event::ChangeContact(message.change()?)
    } else {
        Event::Other {
            name,
            fields: message.fields(),
        }
    };
    Ok(Received {
        created,
        from,
        event,
        key: message.key(),
    })
}

struct Message<'a, 'input>(Node<'a, 'input>);

impl Message<'_, '_> {
    fn text(&self, name: &str) -> Option<String> {
        child(self.0, name).map(text_of)
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.text(name)?.parse().ok()
    }

    /// A list with commas.
    fn list(&self, name: &str) -> Option<Vec<String>> {
        let text = self.text(name)?;
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        Some(parts.map(str::to_owned).collect())
    }

    fn numbers(&self, name: &str) -> Option<Vec<i64>> {
        let list = self.list(name)?;
        Some(list.iter().filter_map(|part| part.parse().ok()).collect())
    }

    fn needed(&self, name: &str) -> Result<String, Error> {
        self.text(name)
            .filter(|text| !text.is_empty())
            .ok_or(Error::Malformed("names nobody"))
    }

    fn id(&self, name: &str) -> Result<i64, Error> {
        self.number(name).ok_or(Error::Malformed("names no number"))
    }

    fn change(&self) -> Result<Change, Error> {
        let kind = self.text("ChangeType").unwrap_or_default();
        Ok(match kind.as_str() {
            "create_user" => Change::CreateUser {
                userid: self.needed("UserID")?,
                fields: Box::new(self.member()),
            },
            "update_user" => Change::UpdateUser {
                userid: self.needed("UserID")?,
                new_userid: self.text("NewUserID").filter(|text| !text.is_empty()),
                fields: Box::new(self.member()),
            },
            "delete_user" => Change::DeleteUser {
                userid: self.needed("UserID")?,
            },
            "create_party" => Change::CreateParty {
                id: self.id("Id")?,
                name: self.text("Name"),
                parent: self.number("ParentId"),
                order: self.number("Order"),
            },
            "update_party" => Change::UpdateParty {
                id: self.id("Id")?,
                name: self.text("Name"),
                parent: self.number("ParentId"),
            },
            "delete_party" => Change::DeleteParty { id: self.id("Id")? },
            "update_tag" => Change::UpdateTag {
                id: self.id("TagId")?,
                users_added: self.list("AddUserItems").unwrap_or_default(),
                users_removed: self.list("DelUserItems").unwrap_or_default(),
                departments_added: self.numbers("AddPartyItems").unwrap_or_default(),
                departments_removed: self.numbers("DelPartyItems").unwrap_or_default(),
            },
            _ => Change::Other { kind },
        })
    }

    fn member(&self) -> Fields {
        let leads = self.numbers("IsLeaderInDept");
        Fields {
            name: self.text("Name"),
            alias: self.text("Alias"),
            departments: self.numbers("Department"),
            main_department: self.number("MainDepartment"),
            leads: leads.map(|leads| leads.into_iter().map(|leads| leads != 0).collect()),
            direct_leaders: self.list("DirectLeader"),
            position: self.text("Position"),
            mobile: self.text("Mobile"),
            telephone: self.text("Telephone"),
            email: self.text("Email"),
            biz_mail: self.text("BizMail"),
            status: self.number("Status").map(Status::from),
            attributes: child(self.0, "ExtAttr").map(|all| {
                let items = all.children().filter(|node| node.tag_name().name() == "Item");
                items.filter_map(attribute).collect()
            }),
        }
    }

    fn fields(&self) -> Vec<(String, String)> {
        let elements = self.0.children().filter(Node::is_element);
        elements
            .map(|element| (element.tag_name().name().to_owned(), text_of(element)))
            .filter(|(_, text)| !text.is_empty())
            .collect()
    }

    /// Over every element, in an order of its own: a delivery anew may have another.
    fn key(&self) -> String {
        let mut elements: Vec<String> = self
            .0
            .descendants()
            .filter(Node::is_element)
            .map(|element| format!("{}\0{}\0", element.tag_name().name(), text_of(element)))
            .collect();
        elements.sort_unstable();
        hex(&Sha256::digest(elements.concat()))
    }
}

fn attribute(item: Node<'_, '_>) -> Option<Attribute> {
    let name = child(item, "Name").map(text_of).filter(|name| !name.is_empty())?;
    let inner = |of: &str, name: &str| child(item, of).and_then(|inner| child(inner, name)).map(text_of);
    let value = inner("Text", "Value").or_else(|| inner("Web", "Url"));
    Some(Attribute {
        name,
        value: value.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests;
