//! The company that the simulated WeCom knows: its applications, departments and members, and what its admin allowed.

use crate::mailbox;

/// A company as its admin set it up. What the reference marks as uncertain is a switch.
#[derive(Clone, Debug)]
pub struct Company {
    pub corp_id: String,
    pub name: String,
    /// The application that everything is about.
    pub agent_id: i64,
    pub secret: String,
    /// Another application of the same company: agent id and secret.
    pub other_app: (i64, String),
    /// The secret of the contact-sync assistant.
    pub sync_secret: String,
    /// "授权回调域" of the web login: `host`, or `host:port` where the port is not that of the scheme.
    pub callback_domain: String,
    /// "可信域名" of OAuth2 and JS-SDK, in the same form.
    pub oauth_domain: String,
    /// Whether the caller's IP is on the application's list; else every call but `gettoken` is refused (60020).
    pub trusted_ip: bool,
    /// Created on or after 2022-06-20: `user/get` and `user/list` withhold the sensitive fields.
    pub new_app: bool,
    /// Whether the admin granted the sensitive fields, which `getuserdetail` then tells.
    pub sensitive: bool,
    /// Whether the application is stopped (50003).
    pub stopped: bool,
    /// Whether `user/list_id` wants the contact-sync secret.
    pub list_id_by_sync_only: bool,
    /// Whether the contact-sync secret calls from an IP that was added before 2022-08-15, and may still read members.
    pub sync_reads_members: bool,
    /// Whether `department/list` is refused to the contact-sync secret of a newer IP as well.
    pub sync_lists_departments: bool,
    /// The most rows that one answer of `user/list_id` holds.
    pub page: usize,
    /// Life of a token, in seconds.
    pub token_life: i64,
    /// How many people the 20 % rule of failed look-ups by mail counts with.
    pub headcount: usize,
    /// What a code that was used answers.
    pub used_code: i64,
    /// What a code of more than five minutes answers.
    pub late_code: i64,
    /// Userids of members without a licence for messages.
    pub unlicensed: Vec<String>,
    pub departments: Vec<Department>,
    pub members: Vec<Member>,
}

/// A department. The root has the id 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Department {
    pub id: i64,
    pub name: String,
    pub parent: i64,
    /// Larger comes first.
    pub order: i64,
    /// Whether the application may see it.
    pub in_scope: bool,
}

impl Department {
    /// A department that the application may see.
    pub fn new(id: i64, name: &str, parent: i64) -> Self {
        Self {
            id,
            name: name.to_owned(),
            parent,
            order: 100_000_000_i64.saturating_sub(id),
            in_scope: true,
        }
    }
}

/// A member of the company.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    pub userid: String,
    pub name: String,
    pub alias: String,
    /// Departments, each with the member's order in it (larger comes first).
    pub departments: Vec<(i64, i64)>,
    pub main_department: i64,
    pub position: String,
    /// 1 active, 2 disabled, 4 not activated, 5 left.
    pub status: i64,
    pub mobile: String,
    pub telephone: String,
    pub email: String,
    pub biz_mail: String,
    /// Attributes that the company made up, such as the job number.
    pub attributes: Vec<(String, String)>,
    /// Whether the application may see them.
    pub in_scope: bool,
    /// Whether they agree when OAuth2 asks for their private information.
    pub consents: bool,
}

impl Member {
    /// An active member of one department with a company mail address at example.cn.
    pub fn new(userid: &str, name: &str, department: i64) -> Self {
        Self {
            userid: userid.to_owned(),
            name: name.to_owned(),
            departments: vec![(department, 0)],
            main_department: department,
            status: 1,
            biz_mail: format!("{userid}@example.cn"),
            in_scope: true,
            consents: true,
            ..Self::default()
        }
    }
}

impl Company {
    /// 示例公司: 张三 and 李四 in 研发部, 王五 in 市场部, and 赵六 whom the application may not see. No domain is
    /// trusted yet.
    pub fn example() -> Self {
        let mut zhangsan = Member::new("zhangsan", "张三", 12);
        "老张".clone_into(&mut zhangsan.alias);
        zhangsan.departments = vec![(12, 10), (21, 4_294_967_295)];
        "工程师".clone_into(&mut zhangsan.position);
        "13800000001".clone_into(&mut zhangsan.mobile);
        "zhangsan@example.org".clone_into(&mut zhangsan.email);
        zhangsan.attributes = vec![("工号".to_owned(), "E1001".to_owned())];
        let mut lisi = Member::new("lisi", "李四", 12);
        lisi.departments = vec![(12, 20)];
        "产品经理".clone_into(&mut lisi.position);
        "13800000002".clone_into(&mut lisi.mobile);
        let wangwu = Member::new("wangwu", "王五", 15);
        let mut zhaoliu = Member::new("zhaoliu", "赵六", 15);
        zhaoliu.in_scope = false;
        Self {
            corp_id: "wwqiyouexample01".to_owned(),
            name: "示例公司".to_owned(),
            agent_id: 1_000_002,
            secret: "sim-secret-of-the-app".to_owned(),
            other_app: (1_000_003, "sim-secret-of-another-app".to_owned()),
            sync_secret: "sim-secret-of-contact-sync".to_owned(),
            callback_domain: String::new(),
            oauth_domain: String::new(),
            trusted_ip: true,
            new_app: true,
            sensitive: true,
            stopped: false,
            list_id_by_sync_only: true,
            sync_reads_members: false,
            sync_lists_departments: true,
            page: 10_000,
            token_life: 7200,
            headcount: 100,
            used_code: 40029,
            late_code: 42003,
            unlicensed: Vec::new(),
            departments: vec![
                Department::new(1, "示例公司", 0),
                Department::new(12, "研发部", 1),
                Department::new(15, "市场部", 1),
                Department::new(21, "客户端组", 12),
            ],
            members: vec![zhangsan, lisi, wangwu, zhaoliu],
        }
    }

    /// [`Self::example`] with so many members more: the kin of 张三 and 李四, spread over a department per hundred.
    pub fn of_size(more: usize) -> Self {
        let mut company = Self::example();
        for (number, person) in mailbox::kin().into_iter().cycle().take(more).enumerate() {
            let department = i64::try_from(number / 100).unwrap_or_default().saturating_add(1000);
            if number % 100 == 0 {
                let name = format!("第{}部", number / 100);
                company.departments.push(Department::new(department, &name, 1));
            }
            let (spelt, _) = person.address.split_once('@').unwrap_or(("qin", ""));
            let userid = format!("{spelt}{number}");
            company.members.push(Member::new(&userid, &person.name, department));
        }
        company.headcount = company.members.len().max(100);
        company
    }

    pub(super) fn member(&self, userid: &str) -> Option<&Member> {
        self.members
            .iter()
            .find(|member| member.userid.eq_ignore_ascii_case(userid))
    }
}
