"""The vendors' own clients against the fake: its address, Twilio's account and token, Aliyun's key and secret."""

import json
import sys

from alibabacloud_dysmsapi20170525 import models
from alibabacloud_dysmsapi20170525.client import Client as Aliyun
from alibabacloud_tea_openapi.models import Config
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client as Twilio

base, account, token, key, secret = sys.argv[1:]


class Here(TwilioHttpClient):
    """To the fake, whatever host is named."""

    def request(self, method, url, *args, **named):
        return super().request(method, url.replace("https://api.twilio.com", base), *args, **named)


twilio = Twilio(account, token, http_client=Here())
sent = twilio.messages.create(to="+4915112345678", from_="+15550000", body="Hello")
assert sent.sid.startswith("SM") and sent.status == "queued", sent
assert [message.body for message in twilio.messages.list(to="+4915112345678")] == ["Hello"]
try:
    twilio.messages.create(to="12", from_="+15550000", body="Hello")
    raise SystemExit("taken")
except TwilioRestException as error:
    assert error.code == 21211, error
try:
    Twilio(account, "another", http_client=Here()).messages.create(to="+4915112345678", from_="+15550000", body="Hello")
    raise SystemExit("let in")
except TwilioRestException as error:
    assert error.status == 401, error

endpoint = base.removeprefix("http://")
aliyun = Aliyun(Config(access_key_id=key, access_key_secret=secret, endpoint=endpoint, protocol="http"))
ask = models.SendSmsRequest(
    phone_numbers="13800138000", sign_name="椴木生活", template_code="SMS_1", template_param=json.dumps({"rma": "R-1"}), out_id="ours"
)
answer = aliyun.send_sms(ask)
assert answer.body.code == "OK" and answer.body.biz_id, answer
found = aliyun.query_send_details(
    models.QuerySendDetailsRequest(phone_number="13800138000", send_date="20261127", page_size=10, current_page=1)
)
assert [detail.out_id for detail in found.body.sms_send_detail_dtos.sms_send_detail_dto] == ["ours"], found
wrong = Aliyun(Config(access_key_id=key, access_key_secret="another", endpoint=endpoint, protocol="http"))
try:
    wrong.send_sms(ask)
    raise SystemExit("let in")
except Exception as error:
    assert "SignatureDoesNotMatch" in str(error), error
print("agreed")
