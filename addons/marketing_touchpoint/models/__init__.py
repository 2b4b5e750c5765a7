# ruff: noqa: I001 (abstract models come before the models that inherit from them)
from . import marketing_touchpoint_source
from . import marketing_touchpoint
from . import marketing_touchpoint_ingest
from . import marketing_touchpoint_mixin
from . import marketing_touchpoint_agent
from . import marketing_touchpoint_machine
from . import calendar_event
from . import crm_lead
from . import link_tracker
from . import mail_activity
from . import mail_mail
from . import mailing_trace
from . import res_config_settings
from . import res_partner
from . import sale_order
from . import utm_campaign
