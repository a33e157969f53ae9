//! What people write about. `{p}` a project, `{q}` a stage, `{d}` a thing, `{m}` a month, `{n}` a small number, `{k}` a
//! number of six digits.

use super::dice::Dice;

/// The words of one language.
pub(super) struct Words {
    pub(super) subjects: &'static [&'static str],
    pub(super) greetings: &'static [&'static str],
    pub(super) sentences: &'static [&'static str],
    pub(super) endings: &'static [&'static str],
    pub(super) replies: &'static [&'static str],
    pub(super) files: &'static [&'static str],
    projects: &'static [&'static str],
    stages: &'static [&'static str],
    things: &'static [&'static str],
}

pub(super) static CHINESE: Words = Words {
    subjects: &[
        "关于{p}项目{q}的{d}",
        "{p}{q}会议纪要（{m}月{n}日）",
        "【通知】{d}安排调整",
        "请审批：{p}采购申请单 PO-{k}",
        "{p}合同{d}及附件",
        "紧急：{p}系统{d}",
        "{m}月份{d}报表",
        "转正申请与{d}",
        "{p}客户{d}反馈汇总",
        "发票开具：{p}",
        "周报 第{n}周 {p}",
        "面试安排：{p}工程师",
        "差旅报销单 {k} 待您确认",
        "放假通知及值班{d}",
        "{p}验收单盖章件",
        "明天上午十点讨论{p}{d}",
        "服务器停机维护公告（{m}月{n}日）",
        "培训邀请：{d}",
    ],
    greetings: &[
        "各位同事好：",
        "张三，你好！",
        "您好，",
        "领导好：",
        "各位：",
        "大家好，",
    ],
    sentences: &[
        "附件是最新版本，请查收并于本周五下班前反馈意见。",
        "经与客户沟通，{p}的上线时间调整为{m}月{n}日。",
        "目前进度约为{n}%，主要风险在于接口联调。",
        "请财务部协助核对发票金额 ¥{k}.00 元。",
        "如有疑问请直接电话联系，分机 {n}。",
        "会议地点：三楼第二会议室；腾讯会议号：{k}-{k}。",
        "请注意，服务器将于今晚 23:00 进行停机维护，预计{n}小时。",
        "该问题已定位，是编码转换（GBK→UTF-8）导致的乱码，补丁今晚发布。",
        "采购申请已通过审批，预计{n}天内到货。",
        "麻烦确认一下收件人名单是否完整，特别是{p}那边的同事。",
        "已按要求修改，主要改动见红色标注部分。",
        "请大家提前准备汇报材料，每人不超过{n}分钟。",
        "“质量第一、客户至上”——请各部门对照检查。",
        "数量：{n}台；单价：{k}元；合计：详见附表①②③。",
        "{q}阶段的{d}已经完成，请李四安排复核。",
        "王五今天出差，这件事先由赵六跟进。",
        "供应商的报价比上次高了{n}%，建议再谈一轮。",
        "合同第{n}条的付款方式需要法务再看一眼。",
        "测试环境已经更新，账号不变，请各位抽空验证。",
        "上次会议提到的{d}，麻烦今天给一个明确的时间。",
        "客户那边的意思是先做{p}，其余的放到下个季度。",
    ],
    endings: &["谢谢！", "祝好！", "此致\n敬礼", "辛苦各位。", "顺祝商祺"],
    replies: &["回复：", "回复: ", "答复: ", "Re: ", "转发："],
    files: &[
        "合同扫描件",
        "{m}月报表",
        "会议纪要",
        "报价单（最终版）",
        "设备清单",
        "通讯录",
        "验收单-盖章",
        "差旅报销单",
        "{p}预算表",
        "施工图纸 第{n}版",
    ],
    projects: &[
        "华东区",
        "上海二期",
        "智慧园区",
        "数据中心",
        "供应链",
        "云平台",
        "财务共享",
        "客户门户",
        "质量改进",
        "深圳研发",
        "移动办公",
        "智能制造",
        "城市更新",
        "镕鑫厂房",
    ],
    stages: &[
        "一期", "二期", "验收", "启动", "评审", "需求", "上线", "测试", "招标", "付款", "交付",
    ],
    things: &[
        "进度", "方案", "计划", "报价", "清单", "说明", "确认", "变更", "汇总", "总结", "培训", "故障", "排查",
    ],
};

pub(super) static ENGLISH: Words = Words {
    subjects: &[
        "Re-plan of {p} milestone {n}",
        "Quarterly numbers {m}/{n}",
        "Invoice {k} for {p}",
        "Minutes: {p} steering committee",
        "Action required: {p} access review",
        "Build #{k} failed on {p}",
        "Draft contract {p} v{n}",
        "Question about {p}",
        "Lunch on {m}/{n}?",
        "Purchase order {k}: delivery date",
        "{p}: test report and open points",
    ],
    greetings: &["Hi all,", "Dear Mr Zhang,", "Hello,", "Hi San,"],
    sentences: &[
        "Please find the latest version attached and send comments by Friday.",
        "We agreed with the customer to move {p} to {m}/{n}.",
        "Progress is about {n}%; the main risk is the interface to the legacy system.",
        "Could you check invoice {k} before it goes out?",
        "The build is green again after reverting commit {k}.",
        "Meeting room 3B, dial-in {k}.",
        "Note that the servers will be down tonight from 23:00.",
        "I don't think we need another workshop — let's decide by e-mail.",
        "The numbers in the second sheet do not add up, see row {n}.",
        "Let me know if anything is missing.",
        "Li Si has the drawings, Wang Wu the price list.",
        "Shipping takes {n} days once the deposit has arrived.",
    ],
    endings: &["Kind regards", "Thanks for your help!", "Best", "Cheers"],
    replies: &["Re: ", "RE: ", "Re: ", "Fwd: "],
    files: &[
        "report",
        "invoice_{k}",
        "minutes {m}-{n}",
        "quotation v{n}",
        "drawing_{k}",
    ],
    projects: &[
        "Phoenix",
        "Atlas",
        "Data Centre",
        "Supply Chain",
        "Mobile App",
        "Gateway",
        "Shanghai Phase II",
        "ERP",
        "Billing",
        "Onboarding",
    ],
    stages: &["kick-off", "design", "build", "test", "roll-out"],
    things: &["plan", "list", "summary", "change", "report"],
};

impl Words {
    /// Fills the places of a sentence.
    pub(super) fn fill(&self, dice: &mut Dice, template: &str) -> String {
        let mut out = String::with_capacity(template.len() + 24);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((place, after)) = after.split_once('}') else {
                break;
            };
            match place {
                "p" => out.push_str(dice.word(self.projects)),
                "q" => out.push_str(dice.word(self.stages)),
                "d" => out.push_str(dice.word(self.things)),
                "m" => out.push_str(&dice.between(1, 12).to_string()),
                "n" => out.push_str(&dice.between(2, 28).to_string()),
                _ => out.push_str(&dice.between(100_000, 999_999).to_string()),
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

/// Subject and lines of a mail that brings a code; `{}` is the code.
pub(super) const CODES: [(&str, &str); 6] = [
    (
        "登录验证码",
        "您好，\n\n您正在登录企邮演示站，本次验证码为：\n\n{}\n\n5 分钟内有效，请勿告诉他人。如非本人操作，请忽略此邮件。",
    ),
    (
        "【示例云】邮箱验证",
        "尊敬的用户：\n\n您的邮箱验证码是 {}，请在页面中输入以完成验证。客服热线 95500。",
    ),
    (
        "动态密码通知",
        "您的动态密码：{}（60 秒内有效）。订单尾号 4471，金额 ¥128.00。",
    ),
    (
        "Your sign-in code",
        "Hello San,\n\nYour verification code is:\n\n{}\n\nIt expires in 10 minutes. If you did not ask for it, you can ignore this mail.",
    ),
    ("校验码：{}", "校验码 {}，您正在修改登录密码，切勿转发。"),
    (
        "Confirm your e-mail address",
        "Use {} as your one-time password to confirm zhangsan@qiyou.example.",
    ),
];

/// Headlines of newsletters.
pub(super) const NEWS: [&str; 10] = [
    "企业协同办公白皮书发布",
    "制造业数字化转型案例十则",
    "本周行业资讯：新能源与供应链",
    "双十一采购节：办公设备限时优惠",
    "云计算峰会报名开启",
    "Weekly digest: what changed in Rust",
    "网络安全周报：钓鱼邮件的新花样",
    "人工智能在财务共享中心的应用",
    "高铁新线开通，差旅更方便",
    "Release notes and upcoming events",
];

/// Junk, as everybody gets it.
pub(super) const JUNK: [&str; 5] = [
    "代开各类发票，可验真伪，点数优惠",
    "恭喜您获得大奖，请尽快领取",
    "您的邮箱容量已满，请立即升级",
    "Cheap watches, limited offer",
    "高薪兼职，日结，无需经验",
];
