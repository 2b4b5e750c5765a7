def migrate(cr, version):
    """Totals of whole campaigns are new; what is there tells more apart."""
    cr.execute("UPDATE marketing_roi_total SET is_campaign = FALSE")
