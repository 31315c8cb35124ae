"""The demonstration's reception."""

import pytest

from telehealth.demonstration.desk import load_desk
from telehealth.demonstration.load import load_demonstration
from telehealth.integrations.insurance.accounts import credentials_of
from telehealth.integrations.models import PortalAccount
from telehealth.records.models import IdentityCase, InsuranceCheck, SmartCard
from tests.factories import NOW


@pytest.mark.django_db
def test_the_desk_has_something_to_show_and_loading_again_adds_nothing() -> None:
    load_demonstration(now=NOW)
    counted = [model.objects.count() for model in (PortalAccount, SmartCard, IdentityCase, InsuranceCheck)]
    assert counted == [2, 1, 2, 2]
    account = PortalAccount.objects.order_by("username").last()
    assert account is not None
    assert credentials_of(account.facility) is not None
    load_desk(now=NOW)
    assert [m.objects.count() for m in (PortalAccount, SmartCard, IdentityCase, InsuranceCheck)] == counted
