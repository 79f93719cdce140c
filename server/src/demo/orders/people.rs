//! Who buys in the demo shop: half of them write Chinese, half English.

use serde_json::{Value, json};

/// A customer, with where they live and how they pay.
pub struct Person {
    id: &'static str,
    name: &'static str,
    pub email: Option<&'static str>,
    pub phone: &'static str,
    tier: Option<&'static str>,
    locale: &'static str,
    pub currency: &'static str,
    pub means: &'static str,
    pub home: Value,
}

impl Person {
    /// As an order names them.
    pub fn customer(&self) -> Value {
        json!({"id": self.id, "name": self.name, "email": self.email, "phone": self.phone, "tier": self.tier, "locale": self.locale})
    }

    pub fn member(mut self, tier: &'static str) -> Self {
        self.tier = Some(tier);
        self
    }

    pub fn paying(mut self, currency: &'static str, means: &'static str) -> Self {
        (self.currency, self.means) = (currency, means);
        self
    }

    pub fn living(mut self, home: Value) -> Self {
        self.home = home;
        self
    }

    pub fn in_california(self) -> Self {
        let home = json!({"country": "US", "region": "CA", "city": "San Francisco", "postal_code": "94103", "line1": "969 Market St"});
        self.living(home).paying("USD", "card")
    }
}

pub fn person(
    id: &'static str,
    name: &'static str,
    email: impl Into<Option<&'static str>>,
    phone: &'static str,
    locale: &'static str,
) -> Person {
    let home =
        json!({"country": "CN", "region": "浙江省", "city": "杭州市", "postal_code": "310012", "line1": "文三路 90 号 3 幢 1204 室"});
    Person { id, name, email: email.into(), phone, tier: None, locale, currency: "CNY", means: "alipay", home }
}

fn shanghai() -> Value {
    json!({"country": "CN", "region": "上海市", "city": "上海市", "postal_code": "200040", "line1": "静安区南京西路 1266 号"})
}

pub fn wang() -> Person {
    person("c-1001", "王小明", "wang@example.com", "+8613800000001", "zh-CN").member("diamond")
}

pub fn li() -> Person {
    person("c-1002", "李薇", "liwei@example.com", "+8613800000002", "zh-CN").member("gold").living(shanghai()).paying("CNY", "wechat")
}

pub fn chen() -> Person {
    person("c-1003", "陈宇", "chenyu@example.com", "+8613800000003", "zh-CN")
}

pub fn zhang() -> Person {
    person("c-1004", "张敏", "zhangmin@example.com", "+8613800000004", "zh-CN")
}

pub fn tom() -> Person {
    person("c-1005", "Tom Hale", "tom@example.com", "+8613800000005", "en")
}

pub fn anna() -> Person {
    let berlin = json!({"country": "DE", "city": "Berlin", "postal_code": "10115", "line1": "Invalidenstraße 1"});
    person("c-1006", "Anna Berg", "anna@example.com", "+4915100000006", "en").living(berlin).paying("EUR", "card")
}

pub fn emma() -> Person {
    person("c-1007", "Emma Clarke", "emma@example.com", "+8613800000007", "en").member("gold")
}

pub fn james() -> Person {
    person("c-1008", "James Okafor", "james@example.com", "+8613800000008", "en").member("diamond").living(shanghai()).paying("CNY", "card")
}

pub fn priya() -> Person {
    person("c-1009", "Priya Nair", "priya@example.com", "+8613800000009", "en")
}

/// Has no mail address.
pub fn zhao() -> Person {
    person("c-1010", "赵桂兰", None, "+8613800000010", "zh-CN").member("silver")
}

/// Buys for a whole school.
pub fn lin() -> Person {
    person("c-1011", "林老师", "lin@example.com", "+8613800000011", "zh-CN")
}

pub fn kenji() -> Person {
    let osaka = json!({"country": "JP", "region": "大阪府", "city": "大阪市北区", "postal_code": "530-0001", "line1": "梅田 3-1-1"});
    person("c-1012", "Kenji Sato", "kenji@example.com", "+819000000012", "en").living(osaka).paying("JPY", "card")
}

pub fn sophie() -> Person {
    let lyon = json!({"country": "FR", "city": "Lyon", "postal_code": "69002", "line1": "12 rue Mercière"});
    person("c-1013", "Sophie Martin", "sophie@example.com", "+33600000013", "en").living(lyon).paying("EUR", "card")
}
