from django.db import migrations

# Every act of the platform passes here, and a chain has one writer at a time: lock, look, hash and insert are one trip, so that
# the lock is held for no longer than they take. In a function each statement sees what was committed before it, so the entry found
# after the lock is the last one. `log.entry_hash` computes the same hash.
APPEND = """
CREATE FUNCTION audit_append(
    p_chain text, p_at timestamptz, p_action text, p_user uuid, p_membership uuid, p_object_type text, p_object_id text,
    p_patient uuid, p_address text, p_detail jsonb, p_chain_json text, p_rest_json text,
    OUT o_id bigint, OUT o_number bigint, OUT o_previous text, OUT o_hash text
) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(p_chain, 7));
    SELECT e.number + 1, e.hash INTO o_number, o_previous
        FROM audit_auditentry e WHERE e.chain = p_chain ORDER BY e.number DESC LIMIT 1;
    IF NOT FOUND THEN
        o_number := 1;
        o_previous := repeat('0', 64);
    END IF;
    o_hash := encode(
        sha256(convert_to('["' || o_previous || '", ' || p_chain_json || ', ' || o_number || ', ' || p_rest_json, 'UTF8')), 'hex'
    );
    INSERT INTO audit_auditentry (
        chain, number, at, action, user_id, membership_id, object_type, object_id, patient_id, address, detail,
        previous_hash, hash
    ) VALUES (
        p_chain, o_number, p_at, p_action, p_user, p_membership, p_object_type, p_object_id, p_patient, p_address, p_detail,
        o_previous, o_hash
    ) RETURNING id INTO o_id;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]

    operations = [migrations.RunSQL(APPEND, "DROP FUNCTION audit_append")]
