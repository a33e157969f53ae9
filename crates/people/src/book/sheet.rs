//! Comma separated values (RFC 4180) with the columns of Foxmail, Outlook, Gmail, QQ Mail and rosters.

use csv::{ReaderBuilder, Trim, WriterBuilder};

use super::{Card, MOST, Read, text};

/// Whose columns are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// English names, UTF-8 with a mark.
    Outlook,
    /// Chinese names, GBK, as Foxmail and a Chinese Outlook read them.
    Foxmail,
}

/// What a column says of somebody.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Name,
    Family,
    Middle,
    Given,
    Nick,
    Email,
    Phone,
    Company,
    Department,
    Title,
    Note,
    Groups,
}

/// Names of columns, in small letters and without blanks and marks.
const NAMES: &[(Column, &[&str])] = &[
    (
        Column::Name,
        &[
            "姓名",
            "名称",
            "名字",
            "全名",
            "联系人",
            "联系人姓名",
            "显示名称",
            "成员姓名",
            "员工姓名",
            "name",
            "fullname",
            "displayname",
            "contactname",
        ],
    ),
    (Column::Family, &["姓", "姓氏", "lastname", "familyname", "surname"]),
    (Column::Middle, &["中间名", "middlename", "additionalname"]),
    (Column::Given, &["名", "firstname", "givenname"]),
    (Column::Nick, &["昵称", "别名", "英文名", "nickname", "alias"]),
    (
        Column::Company,
        &[
            "公司",
            "单位",
            "公司名称",
            "工作单位",
            "company",
            "organization",
            "organizationname",
            "organization1name",
        ],
    ),
    (
        Column::Department,
        &[
            "部门",
            "所在部门",
            "department",
            "organizationdepartment",
            "organization1department",
        ],
    ),
    (
        Column::Title,
        &[
            "职务",
            "职位",
            "岗位",
            "jobtitle",
            "title",
            "organizationtitle",
            "organization1title",
        ],
    ),
    (
        Column::Note,
        &["附注", "备注", "说明", "便笺", "notes", "note", "comments"],
    ),
    (
        Column::Groups,
        &[
            "类别",
            "分组",
            "组",
            "所属组",
            "联系组",
            "categories",
            "groups",
            "groupmembership",
            "labels",
        ],
    ),
];

/// What a heading names; numbers in it count its columns.
fn column(heading: &str) -> Option<Column> {
    let plain: String = heading.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    if let Some((column, _)) = NAMES.iter().find(|(_, names)| names.contains(&plain.as_str())) {
        return Some(*column);
    }
    let has = |words: &[&str]| words.iter().any(|word| plain.contains(word));
    // "E-mail Display Name" and "E-mail 1 - Type" are about an address and are none.
    if has(&["email", "邮件", "邮箱", "邮址"]) {
        let about = has(&["displayname", "显示名", "type", "类型", "label"]);
        return (!about).then_some(Column::Email);
    }
    if has(&["phone", "mobile", "电话", "手机", "座机", "telephone", "cell"]) && !has(&["type", "类型", "label"])
    {
        return Some(Column::Phone);
    }
    None
}

fn rows(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text.as_bytes())
}

/// What a spreadsheet was told is text: `'+86 10 …`.
fn plain(cell: &str) -> &str {
    cell.strip_prefix('\'')
        .filter(|rest| rest.starts_with(['=', '+', '-', '@']))
        .unwrap_or(cell)
}

fn card(row: &csv::StringRecord, columns: &[Option<Column>]) -> Card {
    let mut card = Card::default();
    let (mut family, mut middle, mut given, mut nick) = ("", "", "", "");
    for (cell, column) in row.iter().zip(columns) {
        let cell = plain(cell);
        if cell.is_empty() {
            continue;
        }
        // Several of one kind in one cell, as Gmail writes them.
        let several = cell
            .split(" ::: ")
            .flat_map(|part| part.split([';', '；', '\n']))
            .map(str::trim);
        match column {
            Some(Column::Name) if card.name.is_empty() => cell.clone_into(&mut card.name),
            Some(Column::Family) => family = cell,
            Some(Column::Middle) => middle = cell,
            Some(Column::Given) => given = cell,
            Some(Column::Nick) => nick = cell,
            Some(Column::Email) => card
                .emails
                .extend(several.filter(|each| each.contains('@')).map(str::to_owned)),
            Some(Column::Phone) => card.phones.extend(several.map(str::to_owned)),
            Some(Column::Company) if card.company.is_empty() => cell.clone_into(&mut card.company),
            Some(Column::Department) if card.department.is_empty() => cell.clone_into(&mut card.department),
            Some(Column::Title) if card.title.is_empty() => cell.clone_into(&mut card.title),
            Some(Column::Note) if card.note.is_empty() => cell.clone_into(&mut card.note),
            Some(Column::Groups) => card.groups.extend(
                several
                    .map(|group| group.trim_start_matches("* "))
                    .filter(|group| *group != "myContacts")
                    .map(str::to_owned),
            ),
            _ => {}
        }
    }
    if card.name.is_empty() {
        card.name = text::name_of(family, middle, given);
    }
    if card.name.is_empty() {
        nick.clone_into(&mut card.name);
    }
    card.tidied()
}

/// Nothing when no column is known and none holds addresses.
pub(super) fn read(text: &str) -> Option<Read> {
    let head = text.lines().find(|line| !line.trim().is_empty())?;
    let delimiter = *[b',', b';', b'\t']
        .iter()
        .max_by_key(|delimiter| head.bytes().filter(|b| b == *delimiter).count())?;
    let mut all = rows(text, delimiter)
        .into_records()
        .map_while(Result::ok)
        .filter(|row| row.iter().any(|cell| !cell.is_empty()));
    let first = all.next()?;
    let mut columns: Vec<Option<Column>> = first.iter().map(column).collect();
    let mut read = Read::default();
    if !columns
        .iter()
        .any(|column| matches!(column, Some(Column::Email | Column::Phone)))
    {
        // A bare list: a column of addresses, and before it the name.
        let at = first.iter().position(|cell| cell.contains('@'))?;
        columns = (0..first.len())
            .map(|n| {
                if n == at {
                    Some(Column::Email)
                } else {
                    (n == usize::from(at == 0)).then_some(Column::Name)
                }
            })
            .collect();
        read.cards.push(card(&first, &columns));
    }
    for row in all.take(MOST.saturating_sub(read.cards.len())) {
        let card = card(&row, &columns);
        if card.is_somebody() {
            read.cards.push(card);
        } else {
            read.unreadable = read.unreadable.saturating_add(1);
        }
    }
    Some(read)
}

/// A cell that no spreadsheet takes for a formula.
fn safe(cell: &str) -> String {
    let number = |rest: &str| rest.chars().all(|c| c.is_ascii_digit() || " -()".contains(c));
    match cell.chars().next() {
        Some('=' | '@') => format!("'{cell}"),
        Some('+' | '-') if !cell.get(1..).is_some_and(number) => format!("'{cell}"),
        _ => cell.to_owned(),
    }
}

/// All cards as one file; three addresses and three numbers of each, as these columns have no room for more.
///
/// # Errors
/// None that writing into memory knows of; csv's own type is handed on.
pub fn write_sheet(cards: &[Card], columns: Columns) -> Result<Vec<u8>, csv::Error> {
    let mut writer = WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(match columns {
        Columns::Outlook => [
            "First Name",
            "Last Name",
            "Display Name",
            "E-mail Address",
            "E-mail 2 Address",
            "E-mail 3 Address",
            "Mobile Phone",
            "Business Phone",
            "Home Phone",
            "Company",
            "Department",
            "Job Title",
            "Categories",
            "Notes",
        ],
        Columns::Foxmail => [
            "名",
            "姓",
            "姓名",
            "电子邮件地址",
            "电子邮件地址2",
            "电子邮件地址3",
            "移动电话",
            "办公电话",
            "家庭电话",
            "公司",
            "部门",
            "职务",
            "类别",
            "附注",
        ],
    })?;
    for card in cards {
        let groups = card.groups.join(";");
        let at = |list: &[String], n: usize| list.get(n).cloned().unwrap_or_default();
        let cells = [
            card.name.clone(),
            String::new(),
            card.name.clone(),
            at(&card.emails, 0),
            at(&card.emails, 1),
            at(&card.emails, 2),
            at(&card.phones, 0),
            at(&card.phones, 1),
            at(&card.phones, 2),
            card.company.clone(),
            card.department.clone(),
            card.title.clone(),
            groups,
            card.note.clone(),
        ];
        writer.write_record(cells.iter().map(|cell| safe(cell)))?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))?;
    let written = String::from_utf8_lossy(&bytes);
    Ok(match columns {
        Columns::Outlook => format!("\u{feff}{written}").into_bytes(),
        Columns::Foxmail => text::gbk(&written),
    })
}
