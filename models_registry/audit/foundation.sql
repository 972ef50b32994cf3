-- Written by `make schema` on PostgreSQL 18 from migrations of digest f2738fc0c5858a358134f28ef66bf80ef11cfb13891fbb2cf1fe3b244bab5e7e. Do not edit.
SET LOCAL search_path = '';
SET LOCAL check_function_bodies = off;
SET LOCAL client_min_messages = warning;



CREATE FUNCTION public.approvals_refuse_own_vote() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  if exists (select from approvals_request r where r.id = new.request_id and r.requested_by_id = new.voter_id)
  then
    raise exception 'whoever asks for an approval cannot vote on it' using errcode = 'check_violation';
  end if;
  return new;
end $$;

CREATE FUNCTION public.audit_refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  raise exception '% is append-only: % is refused', tg_table_name, lower(tg_op)
    using errcode = 'insufficient_privilege';
end $$;

CREATE FUNCTION public.audit_required() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  if not exists (select from audit_entry where xid = pg_current_xact_id()) then
    raise exception 'a change of % needs an entry in the trail, in the same transaction', tg_table_name
      using errcode = 'check_violation',
            hint = 'Call models_registry.audit.actions.record inside the transaction.';
  end if;
  return null;
end $$;

CREATE FUNCTION public.audit_seal_entry() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  new.xid := pg_current_xact_id();
  new.at := clock_timestamp();
  new.leaf := sha256('\x00'::bytea || convert_to(new.canon, 'UTF8'));
  return new;
end $$;

CREATE FUNCTION public.catalog_stage_move_model() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  select model_id into new.model_id from catalog_version where id = new.version_id;
  return new;
end $$;

CREATE FUNCTION public.lineage_drop_predictions(before date) RETURNS TABLE(month date, dropped bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $_$
DECLARE
    part text;
BEGIN
    IF before > current_date - 28 THEN
        RAISE EXCEPTION 'predictions of the last four weeks are not dropped' USING errcode = 'check_violation';
    END IF;
    FOR part IN SELECT child.relname FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
                WHERE inhparent = 'public.lineage_prediction'::regclass
                  AND child.relname ~ '^lineage_prediction_[0-9]{4}_[0-9]{2}$' ORDER BY child.relname
    LOOP
        month := to_date(right(part, 7), 'YYYY_MM');
        CONTINUE WHEN month + interval '1 month' > before;
        EXECUTE format('SELECT count(*) FROM public.%I', part) INTO dropped;
        EXECUTE format('DROP TABLE public.%I', part);
        RETURN NEXT;
    END LOOP;
END $_$;

CREATE FUNCTION public.lineage_edge_ends() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  select artifact_id into new.artifact_id from lineage_artifact_version where id = new.used_id;
  select model_id into new.model_id from catalog_version where id = new.version_id;
  return new;
end $$;

CREATE FUNCTION public.lineage_ensure_predictions(month date) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    since timestamptz := date_trunc('month', month::timestamp) AT TIME ZONE 'UTC';
    until timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
    part text := 'lineage_prediction_' || to_char(month, 'YYYY_MM');
BEGIN
    IF to_regclass('public.' || part) IS NOT NULL THEN
        RETURN false;
    END IF;
    LOCK TABLE public.lineage_prediction IN SHARE UPDATE EXCLUSIVE MODE;  -- one makes it, readers and writers go on
    IF to_regclass('public.' || part) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE public.%I (LIKE public.lineage_prediction
                    INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part);
    EXECUTE format('ALTER TABLE public.lineage_prediction ATTACH PARTITION public.%I
                    FOR VALUES FROM (%L) TO (%L)', part, since, until);
    RETURN true;
END $$;

CREATE FUNCTION public.lineage_prediction_settled() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    free text[] := ARRAY['model_id', 'version_id', 'subject_id', 'input_hash', 'output_hash', 'input_sealed',
                         'output_sealed'];
BEGIN
    IF tg_op = 'DELETE' OR to_jsonb(old) - free IS DISTINCT FROM to_jsonb(new) - free
       OR (old.model_id IS NOT NULL AND new.model_id IS DISTINCT FROM old.model_id)
       OR (old.version_id IS NOT NULL AND new.version_id IS DISTINCT FROM old.version_id)
       OR (new.subject_id IS NOT NULL AND new.subject_id IS DISTINCT FROM old.subject_id)
       OR (new.input_hash IS NOT NULL AND new.input_hash IS DISTINCT FROM old.input_hash)
       OR (new.output_hash IS NOT NULL AND new.output_hash IS DISTINCT FROM old.output_hash)
       OR (new.input_sealed IS NOT NULL AND new.input_sealed IS DISTINCT FROM old.input_sealed)
       OR (new.output_sealed IS NOT NULL AND new.output_sealed IS DISTINCT FROM old.output_sealed)
    THEN
        RAISE EXCEPTION 'a prediction is settled: it finds its version once, and what is personal may only go'
            USING errcode = 'insufficient_privilege';
    END IF;
    RETURN new;
END $$;

CREATE FUNCTION public.rules_refuse_renaming() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  raise exception '% % keeps its name', tg_table_name, old.slug using errcode = 'insufficient_privilege';
end $$;

CREATE FUNCTION public.rules_refuse_rewriting() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  raise exception '% %: the text of a version in state % never changes', tg_table_name, old.id, old.state
    using errcode = 'insufficient_privilege',
          hint = 'Draft a new version.';
end $$;

CREATE FUNCTION public.telemetry_compact_month(month date, keep bigint[]) RETURNS TABLE(gone_model bigint, gone_count bigint, gone_total numeric, gone_digest text, freed bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $_$
DECLARE
    since timestamptz := date_trunc('month', month::timestamp) AT TIME ZONE 'UTC';
    until timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
    part text := 'telemetry_measurement_' || to_char(month, 'YYYY_MM');
    going bigint[];
    unproven text;
    counted bigint := 0;
    again bigint;
    size bigint;
    stays boolean;
BEGIN
    IF until > now() - interval '180 days' THEN
        RAISE EXCEPTION 'measurements of the last 180 days are not dropped' USING errcode = 'check_violation';
    END IF;
    IF to_regclass('public.' || part) IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format('SELECT coalesce(array_agg(DISTINCT model_id), ''{}'') FROM public.%I', part) INTO going;
    going := ARRAY(SELECT one FROM unnest(going) AS one WHERE one <> ALL (keep) ORDER BY one);
    IF going = '{}' THEN
        RETURN;
    END IF;

    FOR gone_model, gone_count, gone_total, gone_digest IN EXECUTE format($gone$
        WITH series AS (
            SELECT model_id, metric, environment, segment, count(*) AS n, sum(value::text::numeric) AS total,
                   sha256(convert_to(string_agg(
                       concat_ws('|', event_id, ordinal, value::text, extract(epoch FROM observed_at)), E'\n'
                       ORDER BY observed_at, event_id, ordinal), 'UTF8')) AS digest
            FROM public.%I WHERE model_id = ANY ($1) GROUP BY 1, 2, 3, 4
        )
        SELECT model_id, sum(n)::bigint, sum(total),
               encode(sha256(string_agg(
                   convert_to(concat_ws('|', metric, environment, segment, ''), 'UTF8') || digest, ''::bytea
                   ORDER BY metric COLLATE "C", environment COLLATE "C", segment COLLATE "C")), 'hex')
        FROM series GROUP BY model_id ORDER BY model_id
    $gone$, part) USING going
    LOOP
        counted := counted + gone_count;
        RETURN NEXT;
    END LOOP;

    EXECUTE format($proof$
        WITH raw AS (
            SELECT model_id, metric, environment, segment, count(*) AS n, sum(value::text::numeric) AS total,
                   min(value) AS low, max(value) AS high
            FROM public.%1$I WHERE model_id = ANY ($1) GROUP BY 1, 2, 3, 4
        ), fresh AS (
            SELECT one FROM unnest($1) AS one
            WHERE NOT EXISTS (SELECT FROM public.telemetry_drop_part AS gone
                               WHERE gone.model_id = one AND gone.width_s = 0 AND gone.month = $2::date)
        ), windows AS (
            SELECT model_id, metric, environment, segment, width_s, sum(count) AS n, sum(sum) AS total,
                   min(min) AS low, max(max) AS high
            FROM public.telemetry_rollup
            WHERE model_id = ANY ($1) AND width_s IN (300, 3600, 86400) AND starts_at >= $3 AND starts_at < $4
            GROUP BY 1, 2, 3, 4, 5
        ), wrong AS (
            SELECT raw.model_id
            FROM raw JOIN fresh ON fresh.one = raw.model_id
            CROSS JOIN unnest(ARRAY[300, 3600, 86400]) AS width
            LEFT JOIN windows AS w ON (w.model_id, w.metric, w.environment, w.segment, w.width_s)
                = (raw.model_id, raw.metric, raw.environment, raw.segment, width)
            WHERE (w.n, w.total, w.low, w.high) IS DISTINCT FROM (raw.n, raw.total, raw.low, raw.high)
            UNION ALL
            SELECT whole.model_id
            FROM (SELECT model_id, sum(n) AS n, sum(total) AS total FROM raw GROUP BY 1) AS whole
            CROSS JOIN unnest(ARRAY[300, 3600, 86400]) AS width
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(readings), 0) AS n, coalesce(sum(gone.total), 0) AS total
                FROM public.telemetry_drop_part AS gone
                WHERE gone.model_id = whole.model_id AND gone.width_s = 0 AND gone.month = $2::date
            ) AS before
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(readings), 0) AS n, coalesce(sum(gone.total), 0) AS total
                FROM public.telemetry_drop_part AS gone
                WHERE gone.model_id = whole.model_id AND gone.width_s = width AND gone.month = $2::date
            ) AS thinned
            LEFT JOIN LATERAL (
                SELECT sum(w.n) AS n, sum(w.total) AS total FROM windows AS w
                WHERE w.model_id = whole.model_id AND w.width_s = width
            ) AS held ON true
            WHERE (coalesce(held.n, 0) + thinned.n, coalesce(held.total, 0) + thinned.total)
                IS DISTINCT FROM (whole.n + before.n, whole.total + before.total)
        )
        SELECT string_agg(DISTINCT model_id::text, ', ') FROM wrong
    $proof$, part) INTO unproven USING going, date_trunc('month', month::timestamp), since, until;
    IF unproven IS NOT NULL THEN
        RAISE EXCEPTION 'the windows of % do not hold every measurement of the models %',
            to_char(month, 'YYYY-MM'), unproven USING errcode = 'check_violation';
    END IF;

    EXECUTE format('LOCK TABLE public.%I IN SHARE MODE', part);  -- late rows of this month wait, readers go on
    EXECUTE format('SELECT count(*) FROM public.%I WHERE model_id = ANY ($1)', part) INTO again USING going;
    IF again <> counted THEN
        RAISE EXCEPTION 'measurements of % arrived while it was proven', to_char(month, 'YYYY-MM')
            USING errcode = 'check_violation';
    END IF;
    PERFORM pg_advisory_xact_lock(4976208);  -- a hold that is being placed comes first
    IF EXISTS (SELECT FROM public.telemetry_legal_hold AS held
                WHERE held.lifted_at IS NULL AND held.since <= date_trunc('month', month::timestamp)
                  AND (held.until IS NULL OR held.until >= date_trunc('month', month::timestamp))
                  AND EXISTS (SELECT FROM unnest(going) AS one
                               WHERE held.model_id IS NULL OR held.model_id = one)) THEN
        RAISE EXCEPTION 'a legal hold stands on %', to_char(month, 'YYYY-MM') USING errcode = 'check_violation';
    END IF;
    size := pg_total_relation_size(to_regclass('public.' || part));
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I WHERE model_id <> ALL ($1))', part) INTO stays USING going;
    IF stays THEN
        EXECUTE format('CREATE TABLE public.%I (LIKE public.telemetry_measurement
                        INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part || '_kept');
        EXECUTE format('INSERT INTO public.%I SELECT * FROM public.%I WHERE model_id <> ALL ($1)',
                       part || '_kept', part) USING going;
        EXECUTE format('DROP TABLE public.%I', part);
        EXECUTE format('ALTER TABLE public.%I RENAME TO %I', part || '_kept', part);
        EXECUTE format('ALTER TABLE public.telemetry_measurement ATTACH PARTITION public.%I
                        FOR VALUES FROM (%L) TO (%L)', part, since, until);
        size := size - pg_total_relation_size(to_regclass('public.' || part));
    ELSE
        EXECUTE format('DROP TABLE public.%I', part);
    END IF;
    RETURN QUERY SELECT NULL::bigint, NULL::bigint, NULL::numeric, NULL::text, greatest(size, 0);
END $_$;

CREATE FUNCTION public.telemetry_ensure_partition(month date) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    since timestamptz := date_trunc('month', month::timestamp) AT TIME ZONE 'UTC';
    until timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
    part text := 'telemetry_measurement_' || to_char(month, 'YYYY_MM');
BEGIN
    IF to_regclass('public.' || part) IS NOT NULL THEN
        RETURN false;
    END IF;
    LOCK TABLE public.telemetry_measurement IN SHARE UPDATE EXCLUSIVE MODE;  -- also shows what another just made
    IF to_regclass('public.' || part) IS NOT NULL THEN
        RETURN false;
    END IF;
    LOCK TABLE public.telemetry_measurement IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('CREATE TABLE public.%I (LIKE public.telemetry_measurement
                    INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part);
    EXECUTE format('WITH moved AS (DELETE FROM public.telemetry_measurement_default
                     WHERE observed_at >= %L AND observed_at < %L RETURNING *)
                    INSERT INTO public.%I SELECT * FROM moved', since, until, part);
    EXECUTE format('ALTER TABLE public.telemetry_measurement ATTACH PARTITION public.%I
                    FOR VALUES FROM (%L) TO (%L)', part, since, until);
    RETURN true;
END $$;




CREATE TABLE public.access_account (
    id bigint NOT NULL,
    password character varying(128) NOT NULL,
    last_login timestamp with time zone,
    is_superuser boolean NOT NULL,
    username character varying(150) NOT NULL,
    first_name character varying(150) NOT NULL,
    last_name character varying(150) NOT NULL,
    email character varying(254) NOT NULL,
    is_staff boolean NOT NULL,
    is_active boolean NOT NULL,
    date_joined timestamp with time zone NOT NULL,
    kind character varying(12) NOT NULL,
    display_name character varying(120) NOT NULL,
    unit_id bigint,
    team_id bigint,
    theme character varying(8) NOT NULL,
    time_zone character varying(64) NOT NULL,
    phone character varying(40) NOT NULL
);

CREATE TABLE public.access_account_groups (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    group_id integer NOT NULL
);

ALTER TABLE public.access_account_groups ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.access_account_groups_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.access_account ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.access_account_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.access_account_user_permissions (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    permission_id integer NOT NULL
);

ALTER TABLE public.access_account_user_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.access_account_user_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.access_idempotent_request (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    key character varying(255) NOT NULL,
    route character varying(200) NOT NULL,
    request_digest bytea NOT NULL,
    status smallint,
    content_type character varying(80) NOT NULL,
    answer bytea,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT access_idempotent_request_status_check CHECK ((status >= 0))
);

ALTER TABLE public.access_idempotent_request ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.access_idempotent_request_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.access_one_time_link (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    digest bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone
);

ALTER TABLE public.access_one_time_link ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.access_one_time_link_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.access_role_grant (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    role character varying(32) NOT NULL,
    unit_id bigint,
    granted_by_id bigint,
    granted_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone
);

ALTER TABLE public.access_role_grant ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.access_role_grant_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.access_saved_view (
    id bigint NOT NULL,
    owner_id bigint NOT NULL,
    list_name character varying(32) NOT NULL,
    name character varying(60) NOT NULL,
    query character varying(1000) NOT NULL,
    shared_role character varying(32) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT access_saved_view_named CHECK ((NOT ((name)::text = ''::text)))
);

ALTER TABLE public.access_saved_view ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.access_saved_view_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.access_team (
    id bigint NOT NULL,
    slug character varying(50) NOT NULL,
    name character varying(120) NOT NULL,
    unit_id bigint NOT NULL
);

ALTER TABLE public.access_team ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.access_team_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.access_token (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    name character varying(80) NOT NULL,
    digest bytea NOT NULL,
    last_four character varying(4) NOT NULL,
    scopes character varying(40)[] NOT NULL,
    issued_by_id bigint,
    issued_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    last_used_on date,
    CONSTRAINT access_token_expires_after_issue CHECK ((expires_at > issued_at))
);

ALTER TABLE public.access_token ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.access_token_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.access_unit (
    id bigint NOT NULL,
    slug character varying(50) NOT NULL,
    name character varying(120) NOT NULL
);

ALTER TABLE public.access_unit ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.access_unit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.account_emailaddress (
    id integer NOT NULL,
    email character varying(254) NOT NULL,
    verified boolean NOT NULL,
    "primary" boolean NOT NULL,
    user_id bigint NOT NULL
);

ALTER TABLE public.account_emailaddress ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_emailaddress_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.account_emailconfirmation (
    id integer NOT NULL,
    created timestamp with time zone NOT NULL,
    sent timestamp with time zone,
    key character varying(64) NOT NULL,
    email_address_id integer NOT NULL
);

ALTER TABLE public.account_emailconfirmation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_emailconfirmation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.approvals_request (
    id uuid NOT NULL,
    subject character varying(20) NOT NULL,
    object_id character varying(64) NOT NULL,
    title character varying(200) NOT NULL,
    summary text NOT NULL,
    url character varying(200) NOT NULL,
    digest character varying(80) NOT NULL,
    policy jsonb NOT NULL,
    model_id bigint,
    requested_by_id bigint NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    state character varying(12) NOT NULL,
    decided_at timestamp with time zone,
    CONSTRAINT approvals_decided_with_time CHECK ((((decided_at IS NULL) AND ((state)::text = 'PENDING'::text)) OR ((NOT ((state)::text = 'PENDING'::text)) AND (decided_at IS NOT NULL))))
);

CREATE TABLE public.approvals_vote (
    id bigint NOT NULL,
    request_id uuid NOT NULL,
    voter_id bigint NOT NULL,
    as_role character varying(32) NOT NULL,
    approves boolean NOT NULL,
    digest character varying(80) NOT NULL,
    comment text NOT NULL,
    voted_at timestamp with time zone NOT NULL
);

ALTER TABLE public.approvals_vote ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.approvals_vote_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.audit_entry (
    id bigint NOT NULL,
    xid xid8 NOT NULL,
    at timestamp with time zone NOT NULL,
    actor_kind character varying(12) NOT NULL,
    actor_id character varying(64) NOT NULL,
    actor_name character varying(150) NOT NULL,
    request_id uuid,
    action character varying(64) NOT NULL,
    object_type character varying(48) NOT NULL,
    object_id character varying(64) NOT NULL,
    model_id bigint,
    cause_event_id bigint,
    canon text NOT NULL,
    leaf bytea NOT NULL,
    CONSTRAINT audit_entry_action_is_noun_dot_verb CHECK (((action)::text ~ '^[a-z_]+\.[a-z_]+$'::text))
);

ALTER TABLE public.audit_entry ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.audit_entry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.auth_group (
    id integer NOT NULL,
    name character varying(150) NOT NULL
);

ALTER TABLE public.auth_group ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.auth_group_permissions (
    id bigint NOT NULL,
    group_id integer NOT NULL,
    permission_id integer NOT NULL
);

ALTER TABLE public.auth_group_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.auth_permission (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    content_type_id integer NOT NULL,
    codename character varying(100) NOT NULL
);

ALTER TABLE public.auth_permission ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_permission_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.backfills_backfill (
    id bigint NOT NULL,
    file_name character varying(200) NOT NULL,
    size bigint NOT NULL,
    received bigint NOT NULL,
    digest character varying(64) NOT NULL,
    shape jsonb NOT NULL,
    plan jsonb,
    plan_digest character varying(64) NOT NULL,
    state character varying(12) NOT NULL,
    note character varying(500) NOT NULL,
    "row" bigint NOT NULL,
    row_count bigint,
    consumed bigint NOT NULL,
    kept_count bigint NOT NULL,
    known_count bigint NOT NULL,
    rejected_count bigint NOT NULL,
    left_out_count bigint NOT NULL,
    worked_s double precision NOT NULL,
    created_at timestamp with time zone NOT NULL,
    started_at timestamp with time zone,
    ended_at timestamp with time zone,
    created_by_id bigint,
    source_id bigint NOT NULL,
    CONSTRAINT backfills_received_within_size CHECK ((received <= size)),
    CONSTRAINT backfills_size_positive CHECK ((size >= 1))
);

ALTER TABLE public.backfills_backfill ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.backfills_backfill_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.backfills_batch (
    id bigint NOT NULL,
    first_row bigint NOT NULL,
    last_row bigint NOT NULL,
    kept_count integer NOT NULL,
    rejected_count integer NOT NULL,
    rejected bytea,
    backfill_id bigint NOT NULL,
    event_id bigint
);

ALTER TABLE public.backfills_batch ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.backfills_batch_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.backfills_finding (
    id bigint NOT NULL,
    code character varying(40) NOT NULL,
    subject character varying(220) NOT NULL,
    count bigint NOT NULL,
    first_row bigint NOT NULL,
    backfill_id bigint NOT NULL
);

ALTER TABLE public.backfills_finding ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.backfills_finding_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.backfills_late_evidence (
    model_id bigint NOT NULL,
    since timestamp with time zone NOT NULL,
    newest timestamp with time zone NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL
);

CREATE TABLE public.backfills_piece (
    id bigint NOT NULL,
    begins_at bigint NOT NULL,
    content bytea NOT NULL,
    backfill_id bigint NOT NULL
);
ALTER TABLE ONLY public.backfills_piece ALTER COLUMN content SET STORAGE EXTERNAL;

ALTER TABLE public.backfills_piece ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.backfills_piece_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.backfills_pulse (
    id smallint NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT backfills_pulse_alone CHECK ((id = 1))
);

CREATE TABLE public.catalog_alias (
    id bigint NOT NULL,
    model_id bigint NOT NULL,
    name character varying(255) NOT NULL,
    version_id bigint NOT NULL,
    guarded boolean NOT NULL
);

ALTER TABLE public.catalog_alias ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_alias_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.catalog_alias_move (
    id bigint NOT NULL,
    model_id bigint NOT NULL,
    name character varying(255) NOT NULL,
    version_id bigint,
    clearance_id uuid,
    moved_by_id bigint NOT NULL,
    moved_at timestamp with time zone NOT NULL
);

ALTER TABLE public.catalog_alias_move ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_alias_move_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.catalog_alias_mover (
    id bigint NOT NULL,
    aliasprotection_id bigint NOT NULL,
    account_id bigint NOT NULL
);

ALTER TABLE public.catalog_alias_mover ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_alias_mover_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.catalog_alias_protection (
    id bigint NOT NULL,
    name character varying(255) NOT NULL,
    pipeline_only boolean NOT NULL,
    protected_at timestamp with time zone NOT NULL,
    model_id bigint NOT NULL,
    protected_by_id bigint NOT NULL
);

ALTER TABLE public.catalog_alias_protection ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_alias_protection_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.catalog_card_text (
    id bigint NOT NULL,
    section character varying(24) NOT NULL,
    number integer NOT NULL,
    text text NOT NULL,
    digest character varying(71) NOT NULL,
    written_at timestamp with time zone NOT NULL,
    model_id bigint NOT NULL,
    written_by_id bigint NOT NULL,
    CONSTRAINT catalog_card_text_digest_shape CHECK (((digest)::text ~ '^sha256:[0-9a-f]{64}$'::text)),
    CONSTRAINT catalog_card_text_number_check CHECK ((number >= 0)),
    CONSTRAINT catalog_card_text_number_positive CHECK ((number >= 1))
);

ALTER TABLE public.catalog_card_text ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_card_text_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.catalog_clearance (
    id uuid NOT NULL,
    version_id bigint NOT NULL,
    artifact_digest character varying(80) NOT NULL,
    target character varying(100) NOT NULL,
    epoch bigint NOT NULL,
    decision_id uuid NOT NULL,
    granted_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone
);

CREATE TABLE public.catalog_external_name (
    id bigint NOT NULL,
    model_id bigint NOT NULL,
    system character varying(40) NOT NULL,
    name character varying(200) NOT NULL
);

ALTER TABLE public.catalog_external_name ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_external_name_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.catalog_issued_card (
    id bigint NOT NULL,
    number integer NOT NULL,
    document text NOT NULL,
    digest character varying(71) NOT NULL,
    note character varying(300) NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    model_id bigint NOT NULL,
    issued_by_id bigint NOT NULL,
    CONSTRAINT catalog_issued_card_digest_shape CHECK (((digest)::text ~ '^sha256:[0-9a-f]{64}$'::text)),
    CONSTRAINT catalog_issued_card_number_check CHECK ((number >= 0)),
    CONSTRAINT catalog_issued_card_number_positive CHECK ((number >= 1))
);

ALTER TABLE public.catalog_issued_card ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_issued_card_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.catalog_model (
    id bigint NOT NULL,
    slug character varying(80) NOT NULL,
    name character varying(120) NOT NULL,
    kind character varying(24) NOT NULL,
    purpose text NOT NULL,
    owner_id bigint NOT NULL,
    deputy_id bigint,
    team_id bigint,
    unit_id bigint NOT NULL,
    vendor character varying(120) NOT NULL,
    provider character varying(120) NOT NULL,
    data_sensitivity character varying(20) NOT NULL,
    materiality character varying(8) NOT NULL,
    regulatory_class character varying(20) NOT NULL,
    customer_facing boolean NOT NULL,
    jurisdictions character varying(8)[] NOT NULL,
    tags character varying(60)[] NOT NULL,
    created_at timestamp with time zone NOT NULL,
    archived_at timestamp with time zone,
    changed_at timestamp with time zone,
    is_prompt boolean DEFAULT false NOT NULL,
    last_number integer DEFAULT 0 NOT NULL,
    registered_by_id bigint,
    registry_name character varying(256),
    registry_tags jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT catalog_model_last_number_check CHECK ((last_number >= 0))
);

CREATE TABLE public.catalog_model_grant (
    permission_id integer NOT NULL,
    user_id bigint NOT NULL,
    id bigint NOT NULL,
    content_object_id bigint NOT NULL
);

ALTER TABLE public.catalog_model_grant ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_model_grant_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.catalog_model ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_model_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.catalog_run (
    id bigint NOT NULL,
    source character varying(8) NOT NULL,
    external_id character varying(256) NOT NULL,
    name character varying(200) NOT NULL,
    status character varying(10) NOT NULL,
    author character varying(120) NOT NULL,
    url character varying(500) NOT NULL,
    parameters jsonb NOT NULL,
    metrics jsonb NOT NULL,
    artifacts jsonb NOT NULL,
    objective double precision,
    started_at timestamp with time zone,
    ended_at timestamp with time zone,
    linked_at timestamp with time zone,
    recorded_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone,
    linked_by_id bigint,
    model_id bigint NOT NULL,
    recorded_by_id bigint NOT NULL,
    version_id bigint,
    sweep_id bigint,
    CONSTRAINT catalog_run_linked_by_somebody CHECK ((((linked_at IS NULL) AND (linked_by_id IS NULL) AND (version_id IS NULL)) OR ((linked_at IS NOT NULL) AND (linked_by_id IS NOT NULL) AND (version_id IS NOT NULL))))
);

ALTER TABLE public.catalog_run ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_run_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.catalog_stage_move (
    id bigint NOT NULL,
    version_id bigint NOT NULL,
    from_stage character varying(12) NOT NULL,
    to_stage character varying(12) NOT NULL,
    clearance_id uuid,
    moved_by_id bigint NOT NULL,
    moved_at timestamp with time zone NOT NULL,
    model_id bigint
);

ALTER TABLE public.catalog_stage_move ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_stage_move_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.catalog_sweep (
    id bigint NOT NULL,
    source character varying(8) NOT NULL,
    external_id character varying(256) NOT NULL,
    name character varying(200) NOT NULL,
    method character varying(40) NOT NULL,
    space jsonb NOT NULL,
    objective character varying(120) NOT NULL,
    goal character varying(8) NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    model_id bigint NOT NULL,
    recorded_by_id bigint NOT NULL
);

ALTER TABLE public.catalog_sweep ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_sweep_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.catalog_validation (
    id bigint NOT NULL,
    suite character varying(120) NOT NULL,
    kind character varying(16) NOT NULL,
    dataset character varying(200) NOT NULL,
    dataset_digest character varying(140) NOT NULL,
    report_uri character varying(500) NOT NULL,
    note character varying(1000) NOT NULL,
    ran_at timestamp with time zone NOT NULL,
    ran_by character varying(120) NOT NULL,
    verdict character varying(12) NOT NULL,
    digest character varying(71) NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    recorded_by_id bigint NOT NULL,
    version_id bigint NOT NULL,
    CONSTRAINT catalog_validation_digest_shape CHECK (((digest)::text ~ '^sha256:[0-9a-f]{64}$'::text)),
    CONSTRAINT catalog_validation_ran_before CHECK ((ran_at <= recorded_at))
);

ALTER TABLE public.catalog_validation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_validation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.catalog_validation_result (
    id bigint NOT NULL,
    "position" smallint NOT NULL,
    metric character varying(120) NOT NULL,
    segment character varying(120) NOT NULL,
    value double precision NOT NULL,
    way character varying(16) NOT NULL,
    threshold double precision,
    baseline double precision,
    verdict character varying(12) NOT NULL,
    reason character varying(300) NOT NULL,
    low double precision,
    high double precision,
    count bigint,
    successes bigint,
    variance double precision,
    samples double precision[],
    validation_id bigint NOT NULL,
    CONSTRAINT catalog_result_interval CHECK ((((high IS NULL) AND (low IS NULL)) OR (low <= high))),
    CONSTRAINT catalog_result_successes_of_count CHECK (((successes IS NULL) OR ((count >= 1) AND (count >= successes)))),
    CONSTRAINT catalog_result_variance_of_count CHECK (((variance IS NULL) OR ((count >= 2) AND (variance >= (0.0)::double precision)))),
    CONSTRAINT catalog_validation_result_count_check CHECK ((count >= 0)),
    CONSTRAINT catalog_validation_result_position_check CHECK (("position" >= 0)),
    CONSTRAINT catalog_validation_result_successes_check CHECK ((successes >= 0))
);

ALTER TABLE public.catalog_validation_result ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_validation_result_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.catalog_version (
    id bigint NOT NULL,
    model_id bigint NOT NULL,
    number integer NOT NULL,
    artifact_digest character varying(80) NOT NULL,
    source_uri character varying(500) NOT NULL,
    description text NOT NULL,
    stage character varying(12) NOT NULL,
    epoch bigint NOT NULL,
    created_by_id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone,
    download_uri character varying(500) DEFAULT ''::character varying NOT NULL,
    logged_model_id character varying(256) DEFAULT ''::character varying NOT NULL,
    registry_tags jsonb DEFAULT '{}'::jsonb NOT NULL,
    run_id character varying(256) DEFAULT ''::character varying NOT NULL,
    run_link character varying(500) DEFAULT ''::character varying NOT NULL,
    withdrawn_at timestamp with time zone,
    CONSTRAINT catalog_version_digest_shape CHECK ((((artifact_digest)::text = ''::text) OR ((artifact_digest)::text ~ '^sha256:[0-9a-f]{64}$'::text))),
    CONSTRAINT catalog_version_number_check CHECK ((number >= 0)),
    CONSTRAINT catalog_version_number_positive CHECK ((number >= 1))
);

ALTER TABLE public.catalog_version ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_version_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.costs_budget (
    id bigint NOT NULL,
    scope character varying(8) NOT NULL,
    project character varying(80) NOT NULL,
    amount_micros bigint NOT NULL,
    currency character varying(3) NOT NULL,
    warn_percent smallint NOT NULL,
    first_month date NOT NULL,
    last_month date,
    note character varying(300) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone,
    ended_at timestamp with time zone,
    created_by_id bigint NOT NULL,
    model_id bigint,
    unit_id bigint,
    team_id bigint,
    CONSTRAINT costs_budget_months_in_order CHECK (((last_month IS NULL) OR (last_month >= first_month))),
    CONSTRAINT costs_budget_one_target CHECK ((((model_id IS NULL) AND ((project)::text = ''::text) AND ((scope)::text = 'HOUSE'::text) AND (team_id IS NULL) AND (unit_id IS NULL)) OR ((model_id IS NULL) AND ((project)::text = ''::text) AND ((scope)::text = 'UNIT'::text) AND (team_id IS NULL) AND (unit_id IS NOT NULL)) OR ((model_id IS NULL) AND ((project)::text = ''::text) AND ((scope)::text = 'TEAM'::text) AND (team_id IS NOT NULL) AND (unit_id IS NULL)) OR ((model_id IS NOT NULL) AND ((project)::text = ''::text) AND ((scope)::text = 'MODEL'::text) AND (team_id IS NULL) AND (unit_id IS NULL)) OR ((model_id IS NULL) AND ((scope)::text = 'PROJECT'::text) AND (team_id IS NULL) AND (unit_id IS NULL) AND (NOT ((project)::text = ''::text))))),
    CONSTRAINT costs_budget_positive CHECK ((amount_micros > 0)),
    CONSTRAINT costs_budget_warn_percent_check CHECK ((warn_percent >= 0)),
    CONSTRAINT costs_budget_warns_in_time CHECK (((warn_percent >= 1) AND (warn_percent <= 100)))
);

ALTER TABLE public.costs_budget ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.costs_budget_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.costs_budget_status (
    budget_id bigint NOT NULL,
    day date NOT NULL,
    spent_micros bigint NOT NULL,
    expected_micros bigint,
    low_micros bigint,
    high_micros bigint,
    judged_at timestamp with time zone NOT NULL,
    answering_id bigint
);

CREATE TABLE public.costs_daily (
    id bigint NOT NULL,
    project character varying(80) NOT NULL,
    day date NOT NULL,
    origin character varying(10) NOT NULL,
    currency character varying(3) NOT NULL,
    amount_micros bigint NOT NULL,
    reporting_micros bigint,
    tokens_in bigint NOT NULL,
    tokens_out bigint NOT NULL,
    counted boolean NOT NULL,
    model_id bigint,
    version_id bigint,
    unit_id bigint,
    team_id bigint,
    CONSTRAINT costs_daily_currency CHECK (((currency)::text ~ '^[A-Z]{3}$'::text))
);

ALTER TABLE public.costs_daily ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.costs_daily_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.costs_import (
    id bigint NOT NULL,
    file_name character varying(200) NOT NULL,
    digest character varying(71) NOT NULL,
    content text NOT NULL,
    state character varying(10) NOT NULL,
    replaces_measured boolean NOT NULL,
    round integer NOT NULL,
    uploaded_at timestamp with time zone NOT NULL,
    imported_at timestamp with time zone,
    undone_at timestamp with time zone,
    reason character varying(500) NOT NULL,
    imported_by_id bigint,
    undone_by_id bigint,
    uploaded_by_id bigint NOT NULL,
    CONSTRAINT costs_import_by_somebody CHECK ((((state)::text = 'PREVIEWED'::text) OR ((imported_at IS NOT NULL) AND (imported_by_id IS NOT NULL)))),
    CONSTRAINT costs_import_round_check CHECK ((round >= 0)),
    CONSTRAINT costs_import_undone_by_somebody CHECK (((NOT ((state)::text = 'UNDONE'::text)) OR ((undone_at IS NOT NULL) AND (undone_by_id IS NOT NULL))))
);

ALTER TABLE public.costs_import ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.costs_import_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.costs_price_list (
    id bigint NOT NULL,
    provider character varying(60) NOT NULL,
    number integer NOT NULL,
    effective_on date NOT NULL,
    currency character varying(3) NOT NULL,
    prices jsonb NOT NULL,
    source character varying(300) NOT NULL,
    entered_at timestamp with time zone NOT NULL,
    entered_by_id bigint NOT NULL,
    CONSTRAINT costs_price_list_currency CHECK (((currency)::text ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT costs_price_list_number_check CHECK ((number >= 0))
);

ALTER TABLE public.costs_price_list ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.costs_price_list_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.costs_rate (
    id bigint NOT NULL,
    currency character varying(3) NOT NULL,
    reporting character varying(3) NOT NULL,
    effective_on date NOT NULL,
    rate numeric(20,10) NOT NULL,
    entered_at timestamp with time zone NOT NULL,
    entered_by_id bigint NOT NULL,
    CONSTRAINT costs_rate_currencies CHECK ((((currency)::text ~ '^[A-Z]{3}$'::text) AND ((reporting)::text ~ '^[A-Z]{3}$'::text) AND (NOT ((currency)::text = (reporting)::text)))),
    CONSTRAINT costs_rate_positive CHECK ((rate > (0)::numeric))
);

ALTER TABLE public.costs_rate ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.costs_rate_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.costs_record (
    id bigint NOT NULL,
    project character varying(80) NOT NULL,
    round integer NOT NULL,
    "row" integer NOT NULL,
    day date NOT NULL,
    currency character varying(3) NOT NULL,
    amount_micros bigint NOT NULL,
    description character varying(300) NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    compensates_id bigint,
    recorded_by_id bigint NOT NULL,
    source_id bigint NOT NULL,
    model_id bigint,
    version_id bigint,
    unit_id bigint,
    team_id bigint,
    CONSTRAINT costs_record_currency CHECK (((currency)::text ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT costs_record_round_check CHECK ((round >= 0)),
    CONSTRAINT costs_record_row_check CHECK (("row" >= 0))
);

ALTER TABLE public.costs_record ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.costs_record_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.delivery_attempt (
    id bigint NOT NULL,
    notification_id bigint NOT NULL,
    number integer NOT NULL,
    began_at timestamp with time zone NOT NULL,
    elapsed_ms integer NOT NULL,
    succeeded boolean NOT NULL,
    permanent boolean NOT NULL,
    status smallint,
    error character varying(300) NOT NULL,
    CONSTRAINT delivery_attempt_elapsed_ms_check CHECK ((elapsed_ms >= 0)),
    CONSTRAINT delivery_attempt_number_check CHECK ((number >= 0)),
    CONSTRAINT delivery_attempt_status_check CHECK ((status >= 0))
);

ALTER TABLE public.delivery_attempt ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.delivery_attempt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.delivery_books (
    delivered bigint DEFAULT 0 NOT NULL,
    given_up bigint DEFAULT 0 NOT NULL,
    cancelled bigint DEFAULT 0 NOT NULL,
    id smallint NOT NULL,
    CONSTRAINT delivery_books_id_check CHECK ((id >= 0)),
    CONSTRAINT delivery_books_one_row CHECK ((id = 1))
);

CREATE TABLE public.delivery_channel (
    id bigint NOT NULL,
    name character varying(120) NOT NULL,
    kind character varying(16) NOT NULL,
    config jsonb NOT NULL,
    disabled_at timestamp with time zone,
    disabled_reason character varying(200) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    resting_until timestamp with time zone,
    failures integer DEFAULT 0 NOT NULL,
    CONSTRAINT delivery_channel_failures_check CHECK ((failures >= 0))
);

ALTER TABLE public.delivery_channel ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.delivery_channel_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.delivery_notification (
    id bigint NOT NULL,
    alert_id bigint,
    channel_id bigint NOT NULL,
    recipient_id bigint,
    tier smallint NOT NULL,
    dedup_key character varying(255) NOT NULL,
    payload jsonb NOT NULL,
    state character varying(10) NOT NULL,
    not_before timestamp with time zone NOT NULL,
    lease_until timestamp with time zone,
    attempts integer NOT NULL,
    last_error character varying(300) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    lane smallint DEFAULT 0 NOT NULL,
    CONSTRAINT delivery_notification_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT delivery_notification_lane_check CHECK ((lane >= 0)),
    CONSTRAINT delivery_notification_tier_check CHECK ((tier >= 0))
)
WITH (autovacuum_vacuum_scale_factor='0.01');

ALTER TABLE public.delivery_notification ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.delivery_notification_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.delivery_tally (
    delivered bigint DEFAULT 0 NOT NULL,
    given_up bigint DEFAULT 0 NOT NULL,
    cancelled bigint DEFAULT 0 NOT NULL,
    id bigint NOT NULL
);

ALTER TABLE public.delivery_tally ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.delivery_tally_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.django_content_type (
    id integer NOT NULL,
    app_label character varying(100) NOT NULL,
    model character varying(100) NOT NULL
);

ALTER TABLE public.django_content_type ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_content_type_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.django_migrations (
    id bigint NOT NULL,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied timestamp with time zone NOT NULL
);

ALTER TABLE public.django_migrations ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_migrations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.django_session (
    session_key character varying(40) NOT NULL,
    session_data text NOT NULL,
    expire_date timestamp with time zone NOT NULL
);

CREATE TABLE public.gates_decision (
    id uuid NOT NULL,
    version_id bigint NOT NULL,
    target character varying(100) NOT NULL,
    verdict character varying(16) NOT NULL,
    reasons jsonb NOT NULL,
    epoch bigint NOT NULL,
    artifact_digest character varying(80) NOT NULL,
    state_digest character varying(80) NOT NULL,
    policy_digest character varying(80) NOT NULL,
    requested_by_id bigint NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT gates_decision_used_only_if_approved CHECK (((used_at IS NULL) OR ((verdict)::text = 'APPROVE'::text)))
);

CREATE TABLE public.gates_trail_break (
    entry_id bigint NOT NULL,
    model_id bigint,
    found_at timestamp with time zone NOT NULL
);

CREATE TABLE public.gates_trail_walk (
    id smallint NOT NULL,
    entry_id bigint NOT NULL,
    walked_at timestamp with time zone NOT NULL,
    round_ended_at timestamp with time zone,
    CONSTRAINT gates_trail_walk_id_check CHECK ((id >= 0))
);

CREATE TABLE public.guardian_groupobjectpermission (
    id integer NOT NULL,
    object_pk character varying(255) NOT NULL,
    content_type_id integer NOT NULL,
    group_id integer NOT NULL,
    permission_id integer NOT NULL
);

ALTER TABLE public.guardian_groupobjectpermission ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.guardian_groupobjectpermission_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.guardian_userobjectpermission (
    id integer NOT NULL,
    object_pk character varying(255) NOT NULL,
    content_type_id integer NOT NULL,
    permission_id integer NOT NULL,
    user_id bigint NOT NULL
);

ALTER TABLE public.guardian_userobjectpermission ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.guardian_userobjectpermission_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.health_formula (
    id bigint NOT NULL,
    slug character varying(80) NOT NULL,
    title character varying(160) NOT NULL,
    kinds character varying(24)[] NOT NULL,
    created_at timestamp with time zone NOT NULL
);

ALTER TABLE public.health_formula ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.health_formula_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.health_formula_version (
    id bigint NOT NULL,
    formula_id bigint NOT NULL,
    number integer NOT NULL,
    text text NOT NULL,
    digest character varying(80) NOT NULL,
    state character varying(12) NOT NULL,
    author_id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    enforced_at timestamp with time zone,
    retired_at timestamp with time zone,
    CONSTRAINT health_formula_version_number_check CHECK ((number >= 0))
);

ALTER TABLE public.health_formula_version ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.health_formula_version_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.health_score (
    id bigint NOT NULL,
    model_id bigint NOT NULL,
    formula_version_id bigint NOT NULL,
    score double precision,
    redline double precision NOT NULL,
    coverage double precision NOT NULL,
    components jsonb NOT NULL,
    segments jsonb NOT NULL,
    scored_at timestamp with time zone NOT NULL,
    CONSTRAINT health_score_ranges CHECK ((((score IS NULL) OR ((score >= (0.0)::double precision) AND (score <= (100.0)::double precision))) AND (coverage >= (0.0)::double precision) AND (coverage <= (1.0)::double precision)))
);

ALTER TABLE public.health_score ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.health_score_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.inbox_alert (
    id bigint NOT NULL,
    fingerprint character varying(80) NOT NULL,
    tier smallint NOT NULL,
    title character varying(240) NOT NULL,
    body text NOT NULL,
    url character varying(300) NOT NULL,
    model_id bigint,
    risk_id bigint,
    state character varying(14) NOT NULL,
    occurrence_count integer NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    acknowledged_at timestamp with time zone,
    acknowledged_by_id bigint,
    resolved_at timestamp with time zone,
    CONSTRAINT inbox_alert_acknowledged_pair CHECK ((((acknowledged_at IS NULL) AND (acknowledged_by_id IS NULL)) OR ((acknowledged_at IS NOT NULL) AND (acknowledged_by_id IS NOT NULL)))),
    CONSTRAINT inbox_alert_occurrence_count_check CHECK ((occurrence_count >= 0)),
    CONSTRAINT inbox_alert_tier_check CHECK ((tier >= 0))
);

ALTER TABLE public.inbox_alert ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inbox_alert_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.inbox_annotation (
    id bigint NOT NULL,
    alert_id bigint NOT NULL,
    text text NOT NULL,
    by_id bigint NOT NULL,
    at timestamp with time zone NOT NULL
);

ALTER TABLE public.inbox_annotation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inbox_annotation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.inbox_snooze (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    alert_id bigint NOT NULL,
    by_id bigint NOT NULL,
    CONSTRAINT inbox_snooze_has_an_end CHECK ((until > at))
);

ALTER TABLE public.inbox_snooze ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inbox_snooze_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.intake_import (
    id bigint NOT NULL,
    kind character varying(8) NOT NULL,
    file_name character varying(200) NOT NULL,
    form character varying(8) NOT NULL,
    digest character varying(71) NOT NULL,
    size_bytes integer NOT NULL,
    told character varying(300) NOT NULL,
    headings jsonb NOT NULL,
    rows bytea NOT NULL,
    row_count integer NOT NULL,
    mapping jsonb NOT NULL,
    usual jsonb NOT NULL,
    scopes character varying(40)[] NOT NULL,
    state character varying(10) NOT NULL,
    good_rows_only boolean NOT NULL,
    then_apply boolean NOT NULL,
    total integer NOT NULL,
    done integer NOT NULL,
    attempts smallint NOT NULL,
    counts jsonb NOT NULL,
    trouble text NOT NULL,
    reason character varying(500) NOT NULL,
    uploaded_at timestamp with time zone NOT NULL,
    checked_at timestamp with time zone,
    applied_at timestamp with time zone,
    undone_at timestamp with time zone,
    applied_by_id bigint,
    undone_by_id bigint,
    uploaded_by_id bigint NOT NULL,
    CONSTRAINT intake_import_applied_by_somebody CHECK (((NOT ((state)::text = ANY ((ARRAY['APPLIED'::character varying, 'UNDOING'::character varying, 'UNDONE'::character varying])::text[]))) OR ((applied_at IS NOT NULL) AND (applied_by_id IS NOT NULL)))),
    CONSTRAINT intake_import_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT intake_import_done_check CHECK ((done >= 0)),
    CONSTRAINT intake_import_row_count_check CHECK ((row_count >= 0)),
    CONSTRAINT intake_import_size_bytes_check CHECK ((size_bytes >= 0)),
    CONSTRAINT intake_import_total_check CHECK ((total >= 0)),
    CONSTRAINT intake_import_undone_by_somebody CHECK (((NOT ((state)::text = 'UNDONE'::text)) OR ((undone_at IS NOT NULL) AND (undone_by_id IS NOT NULL))))
);

ALTER TABLE public.intake_import ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.intake_import_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.intake_item (
    id bigint NOT NULL,
    "position" integer NOT NULL,
    asked jsonb NOT NULL,
    slug character varying(80) NOT NULL,
    name character varying(120) NOT NULL,
    outcome character varying(8) NOT NULL,
    changes jsonb NOT NULL,
    problems jsonb NOT NULL,
    state character varying(8) NOT NULL,
    note text NOT NULL,
    intake_id bigint NOT NULL,
    model_id bigint,
    CONSTRAINT intake_item_position_check CHECK (("position" >= 0))
);

ALTER TABLE public.intake_item ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.intake_item_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.intake_mapping (
    id bigint NOT NULL,
    headings_digest character varying(71) NOT NULL,
    mapping jsonb NOT NULL,
    usual jsonb NOT NULL,
    saved_at timestamp with time zone NOT NULL,
    saved_by_id bigint NOT NULL
);

ALTER TABLE public.intake_mapping ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.intake_mapping_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.lineage_artifact (
    id bigint NOT NULL,
    kind character varying(20) NOT NULL,
    name character varying(200) NOT NULL,
    description character varying(500) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by_id bigint NOT NULL
);

ALTER TABLE public.lineage_artifact ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.lineage_artifact_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.lineage_artifact_version (
    id bigint NOT NULL,
    label character varying(100) NOT NULL,
    digest character varying(140) NOT NULL,
    licence character varying(120) NOT NULL,
    source_uri character varying(500) NOT NULL,
    content text,
    created_at timestamp with time zone NOT NULL,
    artifact_id bigint NOT NULL,
    created_by_id bigint NOT NULL,
    CONSTRAINT lineage_version_digest_shape CHECK ((((digest)::text = ''::text) OR ((digest)::text ~ '^(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}|sha1:[0-9a-f]{40}|md5:[0-9a-f]{32}|git:[0-9a-f]{40}([0-9a-f]{24})?)$'::text))),
    CONSTRAINT lineage_version_label_told CHECK ((NOT ((label)::text = ''::text)))
);

ALTER TABLE public.lineage_artifact_version ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.lineage_artifact_version_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.lineage_edge (
    id bigint NOT NULL,
    role character varying(20) NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    withdrawn_at timestamp with time zone,
    reason character varying(500) NOT NULL,
    version_id bigint,
    derived_id bigint,
    used_id bigint NOT NULL,
    recorded_by_id bigint NOT NULL,
    withdrawn_by_id bigint,
    artifact_id bigint,
    model_id bigint,
    CONSTRAINT lineage_edge_not_itself CHECK (((derived_id IS NULL) OR (NOT ((derived_id = used_id) AND (derived_id IS NOT NULL))))),
    CONSTRAINT lineage_edge_one_end CHECK ((((derived_id IS NULL) AND (version_id IS NOT NULL)) OR ((derived_id IS NOT NULL) AND (version_id IS NULL)))),
    CONSTRAINT lineage_edge_withdrawn_by_somebody CHECK ((((withdrawn_at IS NULL) AND (withdrawn_by_id IS NULL)) OR ((withdrawn_at IS NOT NULL) AND (withdrawn_by_id IS NOT NULL))))
);

ALTER TABLE public.lineage_edge ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.lineage_edge_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.lineage_fact (
    id bigint NOT NULL,
    sort character varying(10) NOT NULL,
    name character varying(120) NOT NULL,
    text character varying(500) NOT NULL,
    number double precision,
    recorded_at timestamp with time zone NOT NULL,
    version_id bigint NOT NULL,
    recorded_by_id bigint NOT NULL
);

ALTER TABLE public.lineage_fact ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.lineage_fact_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.lineage_prediction (
    id bigint NOT NULL,
    source_id bigint NOT NULL,
    prediction_id character varying(128) NOT NULL,
    trace_id character varying(128) DEFAULT ''::character varying NOT NULL,
    model_name character varying(200) NOT NULL,
    version_name character varying(100) DEFAULT ''::character varying NOT NULL,
    alias character varying(255) DEFAULT ''::character varying NOT NULL,
    model_id bigint,
    version_id bigint,
    environment character varying(40) NOT NULL,
    segment character varying(120) DEFAULT ''::character varying NOT NULL,
    observed_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    prompt_name character varying(200) DEFAULT ''::character varying NOT NULL,
    prompt_label character varying(100) DEFAULT ''::character varying NOT NULL,
    prompt_digest character varying(140) DEFAULT ''::character varying NOT NULL,
    documents text[] DEFAULT '{}'::text[] NOT NULL,
    input_tokens integer,
    output_tokens integer,
    latency_ms double precision,
    cost_micros bigint,
    currency character varying(3) DEFAULT ''::character varying NOT NULL,
    outcome character varying(12) NOT NULL,
    outcome_code character varying(64) DEFAULT ''::character varying NOT NULL,
    subject_id bigint,
    input_hash bytea,
    output_hash bytea,
    input_sealed bytea,
    output_sealed bytea,
    CONSTRAINT lineage_prediction_cost_micros_check CHECK ((cost_micros >= 0)),
    CONSTRAINT lineage_prediction_cost_pair CHECK (((cost_micros IS NULL) = ((currency)::text = ''::text))),
    CONSTRAINT lineage_prediction_input_hash_check CHECK ((octet_length(input_hash) = 32)),
    CONSTRAINT lineage_prediction_input_tokens_check CHECK ((input_tokens >= 0)),
    CONSTRAINT lineage_prediction_latency_ms_check CHECK (((latency_ms >= (0)::double precision) AND (latency_ms < 'Infinity'::double precision))),
    CONSTRAINT lineage_prediction_model_name_check CHECK (((model_name)::text <> ''::text)),
    CONSTRAINT lineage_prediction_of_a_model CHECK (((version_id IS NULL) OR (model_id IS NOT NULL))),
    CONSTRAINT lineage_prediction_output_hash_check CHECK ((octet_length(output_hash) = 32)),
    CONSTRAINT lineage_prediction_output_tokens_check CHECK ((output_tokens >= 0)),
    CONSTRAINT lineage_prediction_prediction_id_check CHECK (((prediction_id)::text <> ''::text))
)
PARTITION BY RANGE (observed_at);

ALTER TABLE public.lineage_prediction ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.lineage_prediction_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.lineage_prediction_tally (
    day date NOT NULL,
    kept bigint DEFAULT 0 NOT NULL,
    duplicate bigint DEFAULT 0 NOT NULL,
    refused bigint DEFAULT 0 NOT NULL,
    source_id bigint NOT NULL
);

CREATE TABLE public.lineage_prediction_terms (
    source_id bigint NOT NULL,
    keeps_text boolean NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    changed_by_id bigint NOT NULL
);

CREATE TABLE public.lineage_subject (
    id bigint NOT NULL,
    generation date NOT NULL,
    pseudonym bytea,
    wrapped_key bytea,
    created_at timestamp with time zone NOT NULL,
    erased_at timestamp with time zone,
    source_id bigint NOT NULL,
    CONSTRAINT lineage_subject_erased_whole CHECK ((((erased_at IS NULL) AND (pseudonym IS NOT NULL) AND (wrapped_key IS NOT NULL)) OR ((erased_at IS NOT NULL) AND (pseudonym IS NULL) AND (wrapped_key IS NULL))))
);

ALTER TABLE public.lineage_subject ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.lineage_subject_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.mfa_authenticator (
    id bigint NOT NULL,
    type character varying(20) NOT NULL,
    data jsonb NOT NULL,
    user_id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone
);

ALTER TABLE public.mfa_authenticator ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.mfa_authenticator_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.outside_placement (
    id bigint NOT NULL,
    event bigint NOT NULL,
    ordinal integer NOT NULL,
    slot character varying(32) NOT NULL,
    segment character varying(120) NOT NULL,
    place character varying(400) NOT NULL,
    model_name character varying(200) NOT NULL,
    mark character varying(8) NOT NULL,
    name character varying(255) NOT NULL,
    "on" boolean NOT NULL,
    version_name character varying(100) NOT NULL,
    digest character varying(80) NOT NULL,
    link character varying(500) NOT NULL,
    said_by character varying(200) NOT NULL,
    observed_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    model_id bigint,
    source_id bigint NOT NULL,
    CONSTRAINT outside_placement_mark CHECK (((mark)::text = ANY ((ARRAY['ALIAS'::character varying, 'STAGE'::character varying])::text[]))),
    CONSTRAINT outside_placement_ordinal_check CHECK ((ordinal >= 0))
);

ALTER TABLE public.outside_placement ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.outside_placement_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.outside_violation (
    id bigint NOT NULL,
    began_at timestamp with time zone NOT NULL,
    found_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ending character varying(12) NOT NULL,
    answered_at timestamp with time zone,
    answer text NOT NULL,
    answered_by_id bigint,
    clearance_id uuid,
    model_id bigint NOT NULL,
    placement_id bigint NOT NULL,
    version_id bigint,
    CONSTRAINT outside_violation_answered_by CHECK ((((answer = ''::text) AND (answered_at IS NULL) AND (answered_by_id IS NULL)) OR ((answered_at IS NOT NULL) AND (answered_by_id IS NOT NULL) AND (NOT (answer = ''::text))))),
    CONSTRAINT outside_violation_ended_how CHECK ((((ended_at IS NULL) AND ((ending)::text = ''::text)) OR ((ended_at IS NOT NULL) AND (NOT ((ending)::text = ''::text))))),
    CONSTRAINT outside_violation_ends_after CHECK (((ended_at IS NULL) OR (ended_at >= began_at)))
);

ALTER TABLE public.outside_violation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.outside_violation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.registryhooks_followed (
    id smallint NOT NULL,
    xid xid8 NOT NULL,
    entry_id bigint NOT NULL,
    floor_id bigint NOT NULL,
    CONSTRAINT registryhooks_followed_id_check CHECK ((id >= 0)),
    CONSTRAINT registryhooks_followed_one_row CHECK ((id = 1))
);

CREATE TABLE public.registryhooks_webhook (
    id uuid NOT NULL,
    name character varying(63) NOT NULL,
    description character varying(1000) NOT NULL,
    events jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    deleted_at timestamp with time zone,
    channel_id bigint NOT NULL,
    made_by_id bigint NOT NULL,
    stopped_by_id bigint,
    CONSTRAINT registryhooks_webhook_deleted_after CHECK (((deleted_at IS NULL) OR (deleted_at >= created_at))),
    CONSTRAINT registryhooks_webhook_has_events CHECK ((NOT (events = '[]'::jsonb)))
);

CREATE TABLE public.risks_acceptance (
    id bigint NOT NULL,
    risk_id bigint NOT NULL,
    justification text NOT NULL,
    compensating_control text NOT NULL,
    accepted_level character varying(10) NOT NULL,
    expires_on date NOT NULL,
    state character varying(10) NOT NULL,
    judged_digest character varying(80) NOT NULL,
    approval_id uuid,
    proposed_by_id bigint NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    warned_at timestamp with time zone
);

ALTER TABLE public.risks_acceptance ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.risks_acceptance_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.risks_acknowledgement (
    id bigint NOT NULL,
    risk_id bigint NOT NULL,
    by_id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    note text NOT NULL,
    judged_digest character varying(80) NOT NULL
);

ALTER TABLE public.risks_acknowledgement ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.risks_acknowledgement_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.risks_assessment (
    id bigint NOT NULL,
    risk_id bigint NOT NULL,
    likelihood smallint NOT NULL,
    impact smallint NOT NULL,
    reason text NOT NULL,
    assessed_by_id bigint NOT NULL,
    assessed_at timestamp with time zone NOT NULL,
    CONSTRAINT risks_assessment_grid CHECK (((likelihood >= 1) AND (likelihood <= 5) AND (impact >= 1) AND (impact <= 5))),
    CONSTRAINT risks_assessment_impact_check CHECK ((impact >= 0)),
    CONSTRAINT risks_assessment_likelihood_check CHECK ((likelihood >= 0))
);

ALTER TABLE public.risks_assessment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.risks_assessment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.risks_change (
    id bigint NOT NULL,
    risk_id bigint NOT NULL,
    from_level character varying(10) NOT NULL,
    to_level character varying(10) NOT NULL,
    from_score double precision NOT NULL,
    to_score double precision NOT NULL,
    state character varying(14) NOT NULL,
    cause character varying(260) NOT NULL,
    explanation text NOT NULL,
    contributions jsonb NOT NULL,
    evaluation_id bigint,
    changed_at timestamp with time zone NOT NULL
);

ALTER TABLE public.risks_change ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.risks_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.risks_contribution (
    id bigint NOT NULL,
    risk_id bigint NOT NULL,
    cause character varying(260) NOT NULL,
    points double precision NOT NULL,
    explanation text NOT NULL,
    began_at timestamp with time zone NOT NULL,
    cleared_at timestamp with time zone,
    event_id bigint,
    CONSTRAINT risks_contribution_points_range CHECK (((points >= (0.0)::double precision) AND (points <= (100.0)::double precision)))
);

ALTER TABLE public.risks_contribution ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.risks_contribution_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.risks_dispute (
    id bigint NOT NULL,
    risk_id bigint NOT NULL,
    reason text NOT NULL,
    disputed_input character varying(260) NOT NULL,
    judged_digest character varying(80) NOT NULL,
    raised_by_id bigint NOT NULL,
    raised_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    settled_by_id bigint,
    settlement text NOT NULL,
    upheld boolean
);

ALTER TABLE public.risks_dispute ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.risks_dispute_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.risks_plan (
    id bigint NOT NULL,
    risk_id bigint NOT NULL,
    summary text NOT NULL,
    version_id bigint,
    state character varying(10) NOT NULL,
    judged_digest character varying(80) NOT NULL,
    created_by_id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL
);

ALTER TABLE public.risks_plan ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.risks_plan_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.risks_plan_step (
    id bigint NOT NULL,
    plan_id bigint NOT NULL,
    "position" smallint NOT NULL,
    text character varying(300) NOT NULL,
    owner_id bigint NOT NULL,
    due_on date NOT NULL,
    done_at timestamp with time zone,
    done_by_id bigint,
    evidence text NOT NULL,
    evidence_url character varying(500) NOT NULL,
    verified_at timestamp with time zone,
    verified_by_id bigint,
    returned_at timestamp with time zone,
    returned_by_id bigint,
    return_reason text NOT NULL,
    CONSTRAINT risks_plan_step_done_with_person CHECK ((((done_at IS NULL) AND (done_by_id IS NULL)) OR ((done_at IS NOT NULL) AND (done_by_id IS NOT NULL)))),
    CONSTRAINT risks_plan_step_position_check CHECK (("position" >= 0)),
    CONSTRAINT risks_plan_step_verified_by_another CHECK ((((verified_at IS NULL) AND (verified_by_id IS NULL)) OR ((done_at IS NOT NULL) AND (verified_at IS NOT NULL) AND (verified_by_id IS NOT NULL) AND (NOT ((verified_by_id = done_by_id) AND (verified_by_id IS NOT NULL) AND (done_by_id IS NOT NULL))))))
);

ALTER TABLE public.risks_plan_step ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.risks_plan_step_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.risks_release (
    id bigint NOT NULL,
    risk_id bigint NOT NULL,
    reason text NOT NULL,
    released_by_id bigint NOT NULL,
    released_at timestamp with time zone NOT NULL
);

ALTER TABLE public.risks_release ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.risks_release_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.risks_response_draft (
    id bigint NOT NULL,
    risk_id bigint NOT NULL,
    author_id bigint NOT NULL,
    body jsonb NOT NULL,
    version integer NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT risks_response_draft_version_check CHECK ((version >= 0))
);

ALTER TABLE public.risks_response_draft ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.risks_response_draft_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.risks_risk (
    id bigint NOT NULL,
    model_id bigint NOT NULL,
    category character varying(20) NOT NULL,
    inherent_likelihood smallint NOT NULL,
    inherent_impact smallint NOT NULL,
    baseline_likelihood smallint NOT NULL,
    baseline_impact smallint NOT NULL,
    target_level character varying(10) NOT NULL,
    factor double precision NOT NULL,
    score double precision NOT NULL,
    level character varying(10) NOT NULL,
    level_since timestamp with time zone NOT NULL,
    explanation text NOT NULL,
    state character varying(14) NOT NULL,
    raised_at timestamp with time zone,
    due_at timestamp with time zone,
    digest character varying(80) NOT NULL,
    disputed boolean NOT NULL,
    overdue_for timestamp with time zone,
    evidence text NOT NULL,
    evidence_by_id bigint,
    evidence_at timestamp with time zone,
    next_change_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT risks_risk_baseline_impact_check CHECK ((baseline_impact >= 0)),
    CONSTRAINT risks_risk_baseline_likelihood_check CHECK ((baseline_likelihood >= 0)),
    CONSTRAINT risks_risk_grid CHECK (((inherent_likelihood >= 1) AND (inherent_likelihood <= 5) AND (inherent_impact >= 1) AND (inherent_impact <= 5) AND (baseline_likelihood >= 1) AND (baseline_likelihood <= 5) AND (baseline_impact >= 1) AND (baseline_impact <= 5))),
    CONSTRAINT risks_risk_inherent_impact_check CHECK ((inherent_impact >= 0)),
    CONSTRAINT risks_risk_inherent_likelihood_check CHECK ((inherent_likelihood >= 0)),
    CONSTRAINT risks_risk_score_range CHECK (((score >= (0.0)::double precision) AND (score <= (100.0)::double precision)))
);

ALTER TABLE public.risks_risk ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.risks_risk_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.routing_books (
    id smallint NOT NULL,
    decided bigint DEFAULT 0 NOT NULL,
    CONSTRAINT routing_books_id_check CHECK ((id >= 0)),
    CONSTRAINT routing_books_one_row CHECK ((id = 1))
);

CREATE TABLE public.routing_decision (
    id bigint NOT NULL,
    entry_id bigint NOT NULL,
    outcome character varying(10) NOT NULL,
    tier smallint,
    route_id bigint,
    alert_id bigint,
    reason character varying(300) NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    CONSTRAINT routing_decision_tier_check CHECK ((tier >= 0))
);

ALTER TABLE public.routing_decision ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.routing_decision_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.routing_route (
    id bigint NOT NULL,
    name character varying(120) NOT NULL,
    "position" integer NOT NULL,
    match jsonb NOT NULL,
    tier smallint NOT NULL,
    tell_owner boolean NOT NULL,
    enabled boolean NOT NULL,
    CONSTRAINT routing_route_position_check CHECK (("position" >= 0)),
    CONSTRAINT routing_route_tier_check CHECK ((tier >= 0))
);

CREATE TABLE public.routing_route_channel (
    id bigint NOT NULL,
    route_id bigint NOT NULL,
    channel_id bigint NOT NULL
);

ALTER TABLE public.routing_route_channel ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.routing_route_channel_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.routing_route ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.routing_route_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.rules_episode (
    id bigint NOT NULL,
    rule_version_id bigint NOT NULL,
    model_id bigint NOT NULL,
    environment character varying(40) NOT NULL,
    segment character varying(120) NOT NULL,
    category character varying(20) NOT NULL,
    points double precision NOT NULL,
    steps jsonb NOT NULL,
    began_at timestamp with time zone NOT NULL,
    cleared_at timestamp with time zone,
    found_at timestamp with time zone,
    held boolean DEFAULT false NOT NULL,
    CONSTRAINT rules_episode_points CHECK (((points >= (0.0)::double precision) AND (points <= (100.0)::double precision)))
);

ALTER TABLE public.rules_episode ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.rules_episode_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.rules_evaluation (
    id bigint NOT NULL,
    rule_version_id bigint NOT NULL,
    model_id bigint NOT NULL,
    environment character varying(40) NOT NULL,
    segment character varying(120) NOT NULL,
    mode character varying(10) NOT NULL,
    holds boolean,
    firing boolean NOT NULL,
    value double precision,
    threshold double precision,
    points double precision NOT NULL,
    readings jsonb NOT NULL,
    explanation text NOT NULL,
    event_id bigint,
    judged_at timestamp with time zone NOT NULL
);

ALTER TABLE public.rules_evaluation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.rules_evaluation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.rules_rule (
    id bigint NOT NULL,
    slug character varying(80) NOT NULL,
    title character varying(160) NOT NULL,
    created_at timestamp with time zone NOT NULL
);

ALTER TABLE public.rules_rule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.rules_rule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.rules_series_state (
    id bigint NOT NULL,
    rule_version_id bigint NOT NULL,
    model_id bigint NOT NULL,
    environment character varying(40) NOT NULL,
    segment character varying(120) NOT NULL,
    holds boolean,
    firing boolean NOT NULL,
    firing_since timestamp with time zone,
    cleared_at timestamp with time zone,
    value double precision,
    explanation text NOT NULL,
    evaluated_at timestamp with time zone NOT NULL
);

ALTER TABLE public.rules_series_state ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.rules_series_state_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.rules_version (
    id bigint NOT NULL,
    rule_id bigint NOT NULL,
    number integer NOT NULL,
    text text NOT NULL,
    digest character varying(80) NOT NULL,
    state character varying(12) NOT NULL,
    author_id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    submitted_at timestamp with time zone,
    approved_at timestamp with time zone,
    shadowed_at timestamp with time zone,
    enforced_at timestamp with time zone,
    retired_at timestamp with time zone,
    error text NOT NULL,
    CONSTRAINT rules_version_number_check CHECK ((number >= 0))
);

ALTER TABLE public.rules_version ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.rules_version_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.scoring_control (
    id bigint NOT NULL,
    scope character varying(8) NOT NULL,
    scope_id character varying(80) NOT NULL,
    reason text NOT NULL,
    paused_by_id bigint NOT NULL,
    paused_at timestamp with time zone NOT NULL,
    resumed_by_id bigint,
    resumed_at timestamp with time zone
);

ALTER TABLE public.scoring_control ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.scoring_control_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.scoring_posture (
    risk_score double precision NOT NULL,
    level character varying(10) NOT NULL,
    tolerance double precision NOT NULL,
    appetite double precision NOT NULL,
    health double precision,
    health_redline double precision,
    coverage double precision NOT NULL,
    room double precision NOT NULL,
    in_the_red boolean NOT NULL,
    quiet boolean NOT NULL,
    accepted boolean NOT NULL,
    why text NOT NULL,
    way_out text NOT NULL,
    model_id bigint NOT NULL,
    digest character varying(80) NOT NULL,
    red_since timestamp with time zone,
    quiet_since timestamp with time zone,
    last_observed_at timestamp with time zone,
    formula_version_id bigint,
    swept_at timestamp with time zone,
    dirty_since timestamp with time zone,
    updated_at timestamp with time zone NOT NULL
);

CREATE TABLE public.scoring_posture_change (
    risk_score double precision NOT NULL,
    level character varying(10) NOT NULL,
    tolerance double precision NOT NULL,
    appetite double precision NOT NULL,
    health double precision,
    health_redline double precision,
    coverage double precision NOT NULL,
    room double precision NOT NULL,
    in_the_red boolean NOT NULL,
    quiet boolean NOT NULL,
    accepted boolean NOT NULL,
    why text NOT NULL,
    way_out text NOT NULL,
    id bigint NOT NULL,
    model_id bigint NOT NULL,
    changed_at timestamp with time zone NOT NULL
);

ALTER TABLE public.scoring_posture_change ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.scoring_posture_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.scoring_rule_trip (
    id bigint NOT NULL,
    rule_version_id bigint NOT NULL,
    model_count integer NOT NULL,
    tripped_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT scoring_rule_trip_model_count_check CHECK ((model_count >= 0))
);

ALTER TABLE public.scoring_rule_trip ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.scoring_rule_trip_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.telemetry_books (
    done bigint DEFAULT 0 NOT NULL,
    quarantined bigint DEFAULT 0 NOT NULL,
    dead bigint DEFAULT 0 NOT NULL,
    duplicate bigint DEFAULT 0 NOT NULL,
    day date NOT NULL,
    today bigint DEFAULT 0 NOT NULL,
    source_id bigint NOT NULL
);

CREATE TABLE public.telemetry_drop (
    id bigint NOT NULL,
    sort character varying(12) NOT NULL,
    month date NOT NULL,
    count bigint NOT NULL,
    freed bigint NOT NULL,
    digest character varying(80) NOT NULL,
    dropped_at timestamp with time zone NOT NULL,
    terms_id bigint NOT NULL
);

ALTER TABLE public.telemetry_drop ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.telemetry_drop_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.telemetry_drop_part (
    id bigint NOT NULL,
    month date NOT NULL,
    width_s integer NOT NULL,
    count bigint NOT NULL,
    readings bigint NOT NULL,
    total numeric NOT NULL,
    drop_id bigint NOT NULL,
    model_id bigint NOT NULL,
    CONSTRAINT telemetry_drop_part_width_s_check CHECK ((width_s >= 0))
);

ALTER TABLE public.telemetry_drop_part ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.telemetry_drop_part_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.telemetry_event (
    id bigint NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    source_id bigint NOT NULL,
    event_id character varying(255) NOT NULL,
    received_at timestamp with time zone NOT NULL,
    raw bytea NOT NULL,
    headers jsonb NOT NULL,
    state character varying(12) NOT NULL,
    attempts smallint NOT NULL,
    not_before timestamp with time zone,
    reason character varying(200) NOT NULL,
    detail text NOT NULL,
    conflict boolean NOT NULL,
    duplicate_count integer NOT NULL,
    processed_at timestamp with time zone,
    body_digest bytea,
    body_size integer,
    CONSTRAINT telemetry_event_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT telemetry_event_body_gone CHECK ((((body_digest IS NULL) AND (body_size IS NULL)) OR ((body_digest IS NOT NULL) AND (body_size IS NOT NULL) AND (raw = '\x'::bytea)))),
    CONSTRAINT telemetry_event_body_size_check CHECK ((body_size >= 0)),
    CONSTRAINT telemetry_event_duplicate_count_check CHECK ((duplicate_count >= 0))
)
WITH (autovacuum_vacuum_scale_factor='0.01');

ALTER TABLE public.telemetry_event ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.telemetry_event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.telemetry_field_watch (
    source_id bigint NOT NULL,
    looked_xid bigint DEFAULT 0 NOT NULL,
    looked_to bigint DEFAULT 0 NOT NULL,
    over_count bigint DEFAULT 0 NOT NULL,
    looked_at timestamp with time zone NOT NULL,
    CONSTRAINT telemetry_field_watch_over_count_check CHECK ((over_count >= 0))
);

CREATE TABLE public.telemetry_house_alias (
    id bigint NOT NULL,
    source_kind character varying(20) NOT NULL,
    name character varying(80) NOT NULL,
    metric character varying(80) NOT NULL,
    unit character varying(24) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    created_by_id bigint,
    ended_by_id bigint,
    CONSTRAINT telemetry_alias_not_itself CHECK ((NOT ((name)::text = (metric)::text)))
);

ALTER TABLE public.telemetry_house_alias ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.telemetry_house_alias_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.telemetry_house_metric (
    id bigint NOT NULL,
    name character varying(80) NOT NULL,
    unit character varying(24) NOT NULL,
    direction character varying(20) NOT NULL,
    description character varying(300) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by_id bigint
);

ALTER TABLE public.telemetry_house_metric ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.telemetry_house_metric_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.telemetry_keeping_terms (
    id bigint NOT NULL,
    number integer NOT NULL,
    measurements_days integer,
    bodies_days integer,
    held_days integer,
    fine_days integer,
    coarse_days integer,
    reason character varying(500) NOT NULL,
    foreseen jsonb NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    agreed_at timestamp with time zone,
    ended_at timestamp with time zone,
    ended_because character varying(500) DEFAULT ''::character varying NOT NULL,
    agreed_by_id bigint,
    ended_by_id bigint,
    proposed_by_id bigint NOT NULL,
    CONSTRAINT telemetry_keeping_agreed_pair CHECK ((((agreed_at IS NULL) AND (agreed_by_id IS NULL)) OR ((agreed_at IS NOT NULL) AND (agreed_by_id IS NOT NULL) AND (ended_at IS NULL)))),
    CONSTRAINT telemetry_keeping_ended_pair CHECK ((((ended_at IS NULL) AND (ended_by_id IS NULL)) OR ((ended_at IS NOT NULL) AND (ended_by_id IS NOT NULL)))),
    CONSTRAINT telemetry_keeping_floors CHECK ((((measurements_days IS NULL) OR (measurements_days >= 180)) AND ((bodies_days IS NULL) OR (bodies_days >= 31)) AND ((held_days IS NULL) OR (held_days >= 31)) AND ((fine_days IS NULL) OR (fine_days >= 180)) AND ((coarse_days IS NULL) OR (coarse_days >= 800)))),
    CONSTRAINT telemetry_keeping_four_eyes CHECK ((NOT ((agreed_by_id = proposed_by_id) AND (agreed_by_id IS NOT NULL)))),
    CONSTRAINT telemetry_keeping_in_order CHECK ((((fine_days IS NULL) OR ((measurements_days IS NOT NULL) AND (measurements_days <= fine_days))) AND ((coarse_days IS NULL) OR ((fine_days IS NOT NULL) AND (fine_days <= coarse_days))))),
    CONSTRAINT telemetry_keeping_terms_bodies_days_check CHECK ((bodies_days >= 0)),
    CONSTRAINT telemetry_keeping_terms_coarse_days_check CHECK ((coarse_days >= 0)),
    CONSTRAINT telemetry_keeping_terms_fine_days_check CHECK ((fine_days >= 0)),
    CONSTRAINT telemetry_keeping_terms_held_days_check CHECK ((held_days >= 0)),
    CONSTRAINT telemetry_keeping_terms_measurements_days_check CHECK ((measurements_days >= 0)),
    CONSTRAINT telemetry_keeping_terms_number_check CHECK ((number >= 0))
);

ALTER TABLE public.telemetry_keeping_terms ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.telemetry_keeping_terms_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.telemetry_keeping_walk (
    id smallint NOT NULL,
    walked_at timestamp with time zone NOT NULL,
    bodies_from date,
    held_from date,
    CONSTRAINT telemetry_keeping_walk_id_check CHECK ((id >= 0))
);

CREATE TABLE public.telemetry_legal_hold (
    id bigint NOT NULL,
    since date NOT NULL,
    until date,
    reason character varying(500) NOT NULL,
    placed_at timestamp with time zone NOT NULL,
    lifted_at timestamp with time zone,
    lifted_because character varying(500) DEFAULT ''::character varying NOT NULL,
    lifted_by_id bigint,
    model_id bigint,
    placed_by_id bigint NOT NULL,
    CONSTRAINT telemetry_hold_four_eyes CHECK ((NOT ((lifted_by_id = placed_by_id) AND (lifted_by_id IS NOT NULL)))),
    CONSTRAINT telemetry_hold_in_order CHECK (((until IS NULL) OR (until >= since))),
    CONSTRAINT telemetry_hold_lifted_pair CHECK ((((lifted_at IS NULL) AND (lifted_by_id IS NULL)) OR ((lifted_at IS NOT NULL) AND (lifted_by_id IS NOT NULL))))
);

ALTER TABLE public.telemetry_legal_hold ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.telemetry_legal_hold_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.telemetry_mapping_version (
    id bigint NOT NULL,
    source_id bigint NOT NULL,
    number integer NOT NULL,
    document jsonb NOT NULL,
    created_by_id bigint,
    created_at timestamp with time zone NOT NULL,
    activated_at timestamp with time zone,
    activated_by_id bigint,
    note character varying(300) DEFAULT ''::character varying NOT NULL,
    CONSTRAINT telemetry_mapping_version_number_check CHECK ((number >= 0))
);

ALTER TABLE public.telemetry_mapping_version ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.telemetry_mapping_version_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.telemetry_measurement (
    id bigint NOT NULL,
    event_id bigint NOT NULL,
    ordinal integer NOT NULL,
    model_id bigint NOT NULL,
    version_id bigint,
    metric character varying(80) NOT NULL,
    value double precision NOT NULL,
    unit character varying(24) DEFAULT ''::character varying NOT NULL,
    environment character varying(40) NOT NULL,
    segment character varying(120) DEFAULT ''::character varying NOT NULL,
    observed_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    sent_unit character varying(24) DEFAULT ''::character varying NOT NULL,
    CONSTRAINT telemetry_measurement_ordinal_check CHECK ((ordinal >= 0)),
    CONSTRAINT telemetry_measurement_value_check CHECK (((value > '-Infinity'::double precision) AND (value < 'Infinity'::double precision)))
)
PARTITION BY RANGE (observed_at);

CREATE TABLE public.telemetry_measurement_default (
    id bigint CONSTRAINT telemetry_measurement_id_not_null NOT NULL,
    event_id bigint CONSTRAINT telemetry_measurement_event_id_not_null NOT NULL,
    ordinal integer CONSTRAINT telemetry_measurement_ordinal_not_null NOT NULL,
    model_id bigint CONSTRAINT telemetry_measurement_model_id_not_null NOT NULL,
    version_id bigint,
    metric character varying(80) CONSTRAINT telemetry_measurement_metric_not_null NOT NULL,
    value double precision CONSTRAINT telemetry_measurement_value_not_null NOT NULL,
    unit character varying(24) DEFAULT ''::character varying CONSTRAINT telemetry_measurement_unit_not_null NOT NULL,
    environment character varying(40) CONSTRAINT telemetry_measurement_environment_not_null NOT NULL,
    segment character varying(120) DEFAULT ''::character varying CONSTRAINT telemetry_measurement_segment_not_null NOT NULL,
    observed_at timestamp with time zone CONSTRAINT telemetry_measurement_observed_at_not_null NOT NULL,
    received_at timestamp with time zone CONSTRAINT telemetry_measurement_received_at_not_null NOT NULL,
    sent_unit character varying(24) DEFAULT ''::character varying CONSTRAINT telemetry_measurement_sent_unit_not_null NOT NULL,
    CONSTRAINT telemetry_measurement_ordinal_check CHECK ((ordinal >= 0)),
    CONSTRAINT telemetry_measurement_value_check CHECK (((value > '-Infinity'::double precision) AND (value < 'Infinity'::double precision)))
);

ALTER TABLE public.telemetry_measurement ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.telemetry_measurement_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.telemetry_notice (
    id bigint NOT NULL,
    code character varying(40) NOT NULL,
    subject character varying(120) NOT NULL,
    count bigint NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    newest_event bigint NOT NULL,
    source_id bigint NOT NULL,
    CONSTRAINT telemetry_notice_count_check CHECK ((count >= 0)),
    CONSTRAINT telemetry_notice_not_empty CHECK ((count >= 1))
);

ALTER TABLE public.telemetry_notice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.telemetry_notice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.telemetry_poll_sweep (
    id bigint NOT NULL,
    turn bigint NOT NULL,
    began_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    outcome character varying(8) NOT NULL,
    requests integer NOT NULL,
    found integer NOT NULL,
    fresh integer NOT NULL,
    missed integer NOT NULL,
    too_large integer NOT NULL,
    told character varying(300) NOT NULL,
    source_id bigint NOT NULL,
    CONSTRAINT telemetry_poll_sweep_counts CHECK (((fresh <= found) AND (missed <= fresh))),
    CONSTRAINT telemetry_poll_sweep_found_check CHECK ((found >= 0)),
    CONSTRAINT telemetry_poll_sweep_fresh_check CHECK ((fresh >= 0)),
    CONSTRAINT telemetry_poll_sweep_missed_check CHECK ((missed >= 0)),
    CONSTRAINT telemetry_poll_sweep_requests_check CHECK ((requests >= 0)),
    CONSTRAINT telemetry_poll_sweep_too_large_check CHECK ((too_large >= 0)),
    CONSTRAINT telemetry_poll_sweep_turn_check CHECK ((turn >= 0))
);

ALTER TABLE public.telemetry_poll_sweep ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.telemetry_poll_sweep_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.telemetry_polling (
    source_id bigint NOT NULL,
    config jsonb NOT NULL,
    scheme character varying(12) NOT NULL,
    interval_s integer NOT NULL,
    sweep_budget integer NOT NULL,
    day_budget integer NOT NULL,
    set_at timestamp with time zone NOT NULL,
    begun_at timestamp with time zone NOT NULL,
    paused_at timestamp with time zone,
    cursor jsonb NOT NULL,
    next_at timestamp with time zone NOT NULL,
    held_until timestamp with time zone,
    claimed_until timestamp with time zone,
    turn bigint DEFAULT 0 NOT NULL,
    failure_count integer DEFAULT 0 NOT NULL,
    last_error character varying(300) DEFAULT ''::character varying NOT NULL,
    done_at timestamp with time zone,
    day date NOT NULL,
    requests_today integer DEFAULT 0 NOT NULL,
    set_by_id bigint,
    CONSTRAINT telemetry_polling_day_budget_check CHECK ((day_budget >= 0)),
    CONSTRAINT telemetry_polling_failure_count_check CHECK ((failure_count >= 0)),
    CONSTRAINT telemetry_polling_in_range CHECK (((day_budget >= 1) AND (interval_s >= 30) AND (sweep_budget >= 1))),
    CONSTRAINT telemetry_polling_interval_s_check CHECK ((interval_s >= 0)),
    CONSTRAINT telemetry_polling_requests_today_check CHECK ((requests_today >= 0)),
    CONSTRAINT telemetry_polling_sweep_budget_check CHECK ((sweep_budget >= 0)),
    CONSTRAINT telemetry_polling_turn_check CHECK ((turn >= 0))
);

CREATE TABLE public.telemetry_refusal (
    id bigint NOT NULL,
    code character varying(20) NOT NULL,
    status smallint NOT NULL,
    sender character varying(80) NOT NULL,
    place character varying(80) NOT NULL,
    count bigint NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    source_id bigint,
    CONSTRAINT telemetry_refusal_count_check CHECK ((count >= 0)),
    CONSTRAINT telemetry_refusal_not_empty CHECK ((count >= 1)),
    CONSTRAINT telemetry_refusal_status_check CHECK ((status >= 0))
);

ALTER TABLE public.telemetry_refusal ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.telemetry_refusal_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.telemetry_remembered (
    id bigint NOT NULL,
    thing character varying(200) NOT NULL,
    state jsonb NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    source_id bigint NOT NULL
);

ALTER TABLE public.telemetry_remembered ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.telemetry_remembered_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.telemetry_rollup (
    id bigint NOT NULL,
    model_id bigint NOT NULL,
    metric character varying(80) NOT NULL,
    environment character varying(40) NOT NULL,
    segment character varying(120) NOT NULL,
    width_s integer NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    count bigint NOT NULL,
    sum numeric NOT NULL,
    min double precision NOT NULL,
    max double precision NOT NULL,
    first double precision NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last double precision NOT NULL,
    last_at timestamp with time zone NOT NULL,
    CONSTRAINT telemetry_rollup_count_check CHECK ((count >= 0)),
    CONSTRAINT telemetry_rollup_not_empty CHECK ((count >= 1)),
    CONSTRAINT telemetry_rollup_width_s_check CHECK ((width_s >= 0))
);

ALTER TABLE public.telemetry_rollup ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.telemetry_rollup_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.telemetry_seen_field (
    id bigint NOT NULL,
    path character varying(300) NOT NULL,
    kind character varying(12) NOT NULL,
    count bigint NOT NULL,
    first_seen_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    source_id bigint NOT NULL,
    CONSTRAINT telemetry_seen_field_count_check CHECK ((count >= 0))
);

ALTER TABLE public.telemetry_seen_field ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.telemetry_seen_field_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.telemetry_series (
    id bigint NOT NULL,
    metric character varying(80) NOT NULL,
    environment character varying(40) NOT NULL,
    segment character varying(120) NOT NULL,
    first_seen_at timestamp with time zone NOT NULL,
    model_id bigint NOT NULL
);

ALTER TABLE public.telemetry_series ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.telemetry_series_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.telemetry_sighting (
    id bigint NOT NULL,
    key character varying(64) NOT NULL,
    what character varying(300) NOT NULL,
    event_pk bigint NOT NULL,
    delivery character varying(255) NOT NULL,
    told_at timestamp with time zone,
    heard_at timestamp with time zone,
    finding character varying(255) NOT NULL,
    since timestamp with time zone,
    until timestamp with time zone,
    found_at timestamp with time zone,
    source_id bigint NOT NULL,
    CONSTRAINT telemetry_sighting_by_somebody CHECK ((((heard_at IS NOT NULL) AND (told_at IS NOT NULL)) OR ((found_at IS NOT NULL) AND (since IS NOT NULL) AND (until IS NOT NULL))))
);

ALTER TABLE public.telemetry_sighting ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.telemetry_sighting_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.telemetry_source (
    id bigint NOT NULL,
    slug character varying(50) NOT NULL,
    name character varying(120) NOT NULL,
    kind character varying(20) NOT NULL,
    path_token character varying(64) NOT NULL,
    expected_interval_s integer,
    environment character varying(40) NOT NULL,
    created_by_id bigint,
    created_at timestamp with time zone NOT NULL,
    disabled_at timestamp with time zone,
    quiet_since timestamp with time zone,
    revision bigint DEFAULT 1 NOT NULL,
    CONSTRAINT telemetry_source_expected_interval_s_check CHECK ((expected_interval_s >= 0)),
    CONSTRAINT telemetry_source_revision_check CHECK ((revision >= 0))
);

ALTER TABLE public.telemetry_source ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.telemetry_source_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.telemetry_tally (
    done bigint DEFAULT 0 NOT NULL,
    quarantined bigint DEFAULT 0 NOT NULL,
    dead bigint DEFAULT 0 NOT NULL,
    duplicate bigint DEFAULT 0 NOT NULL,
    day date NOT NULL,
    today bigint DEFAULT 0 NOT NULL,
    id bigint NOT NULL,
    source_id bigint NOT NULL
);

ALTER TABLE public.telemetry_tally ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.telemetry_tally_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.usersessions_usersession (
    id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ip inet NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    session_key character varying(40) NOT NULL,
    user_agent character varying(200) NOT NULL,
    data jsonb NOT NULL,
    user_id bigint NOT NULL
);

ALTER TABLE public.usersessions_usersession ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.usersessions_usersession_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.vault_sealed_secret (
    id bigint NOT NULL,
    owner character varying(160) NOT NULL,
    kek_id character varying(40) NOT NULL,
    envelope bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    rotated_at timestamp with time zone
);

ALTER TABLE public.vault_sealed_secret ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.vault_sealed_secret_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE ONLY public.telemetry_measurement ATTACH PARTITION public.telemetry_measurement_default DEFAULT;







































































































INSERT INTO public.django_migrations (app, name, applied) VALUES ('contenttypes', '0001_initial', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('contenttypes', '0002_remove_content_type_name', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('auth', '0001_initial', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('auth', '0002_alter_permission_name_max_length', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('auth', '0003_alter_user_email_max_length', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('auth', '0004_alter_user_username_opts', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('auth', '0005_alter_user_last_login_null', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('auth', '0006_require_contenttypes_0002', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('auth', '0007_alter_validators_add_error_messages', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('auth', '0008_alter_user_username_max_length', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('auth', '0009_alter_user_last_name_max_length', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('auth', '0010_alter_group_name_max_length', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('auth', '0011_update_proxy_permissions', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('auth', '0012_alter_user_first_name_max_length', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('models_registry', '0001_initial', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('account', '0001_initial', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('account', '0002_email_max_length', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('account', '0003_alter_emailaddress_create_unique_verified_email', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('account', '0004_alter_emailaddress_drop_unique_email', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('account', '0005_emailaddress_idx_upper_email', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('account', '0006_emailaddress_lower', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('account', '0007_emailaddress_idx_email', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('account', '0008_emailaddress_unique_primary_email_fixup', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('account', '0009_emailaddress_unique_primary_email', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('models_registry', '0002_measurement_partitions', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('models_registry', '0003_trail_promises', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('models_registry', '0004_registry_clients', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('models_registry', '0005_lineage', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('models_registry', '0006_predictions', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('models_registry', '0007_validation', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('models_registry', '0008_costs', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('models_registry', '0009_source_mappings', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('models_registry', '0010_doors', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('models_registry', '0011_cards', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('models_registry', '0012_partitions_in_turn', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('models_registry', '0013_pollers', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('models_registry', '0014_retention', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('models_registry', '0015_intake', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('models_registry', '0016_backfills', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('models_registry', '0018_connecting', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('models_registry', '0017_violations', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('models_registry', '0020_alias_moves', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('models_registry', '0021_lean_indexes', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('alerts', '0001_initial', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('alerts', '0002_append_only', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('alerts', '0003_books_of_telling', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('alerts', '0004_snoozes', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('alerts', '0005_registry_webhooks', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('alerts', '0006_lean_indexes', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('alerts', '0007_vacuum_early', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('governance', '0001_initial', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('governance', '0002_trail_promises', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('governance', '0003_settled_texts', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('governance', '0004_lean_indexes', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('guardian', '0001_initial', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('guardian', '0002_generic_permissions_index', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('guardian', '0003_remove_groupobjectpermission_guardian_gr_content_ae6aec_idx_and_more', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('mfa', '0001_initial', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('mfa', '0002_authenticator_timestamps', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('mfa', '0003_authenticator_type_uniq', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('models_registry', '0022_vacuum_early', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('models_registry', '0023_newest_by_stage', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('models_registry', '0024_flat_history', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('sessions', '0001_initial', now());
INSERT INTO public.django_migrations (app, name, applied) VALUES ('usersessions', '0001_initial', now());








































































































































































































































































ALTER TABLE ONLY public.access_account_groups
    ADD CONSTRAINT access_account_groups_account_id_group_id_06a0c260_uniq UNIQUE (account_id, group_id);

ALTER TABLE ONLY public.access_account_groups
    ADD CONSTRAINT access_account_groups_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.access_account
    ADD CONSTRAINT access_account_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.access_account_user_permissions
    ADD CONSTRAINT access_account_user_perm_account_id_permission_id_d1f3de01_uniq UNIQUE (account_id, permission_id);

ALTER TABLE ONLY public.access_account_user_permissions
    ADD CONSTRAINT access_account_user_permissions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.access_account
    ADD CONSTRAINT access_account_username_key UNIQUE (username);

ALTER TABLE ONLY public.access_idempotent_request
    ADD CONSTRAINT access_idempotent_request_once UNIQUE (account_id, key);

ALTER TABLE ONLY public.access_idempotent_request
    ADD CONSTRAINT access_idempotent_request_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.access_one_time_link
    ADD CONSTRAINT access_one_time_link_digest_key UNIQUE (digest);

ALTER TABLE ONLY public.access_one_time_link
    ADD CONSTRAINT access_one_time_link_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.access_role_grant
    ADD CONSTRAINT access_role_grant_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.access_saved_view
    ADD CONSTRAINT access_saved_view_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.access_team
    ADD CONSTRAINT access_team_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.access_team
    ADD CONSTRAINT access_team_slug_key UNIQUE (slug);

ALTER TABLE ONLY public.access_token
    ADD CONSTRAINT access_token_digest_key UNIQUE (digest);

ALTER TABLE ONLY public.access_token
    ADD CONSTRAINT access_token_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.access_unit
    ADD CONSTRAINT access_unit_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.access_unit
    ADD CONSTRAINT access_unit_slug_key UNIQUE (slug);

ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_user_id_email_987c8728_uniq UNIQUE (user_id, email);

ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirmation_key_key UNIQUE (key);

ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirmation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.approvals_request
    ADD CONSTRAINT approvals_request_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.approvals_vote
    ADD CONSTRAINT approvals_vote_once UNIQUE (request_id, voter_id, digest);

ALTER TABLE ONLY public.approvals_vote
    ADD CONSTRAINT approvals_vote_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_entry
    ADD CONSTRAINT audit_entry_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_name_key UNIQUE (name);

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_permission_id_0cd325b0_uniq UNIQUE (group_id, permission_id);

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_codename_01ab375a_uniq UNIQUE (content_type_id, codename);

ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.backfills_backfill
    ADD CONSTRAINT backfills_backfill_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.backfills_batch
    ADD CONSTRAINT backfills_batch_once UNIQUE (backfill_id, first_row);

ALTER TABLE ONLY public.backfills_batch
    ADD CONSTRAINT backfills_batch_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.backfills_finding
    ADD CONSTRAINT backfills_finding_once UNIQUE (backfill_id, code, subject);

ALTER TABLE ONLY public.backfills_finding
    ADD CONSTRAINT backfills_finding_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.backfills_late_evidence
    ADD CONSTRAINT backfills_late_evidence_pkey PRIMARY KEY (model_id);

ALTER TABLE ONLY public.backfills_piece
    ADD CONSTRAINT backfills_piece_once UNIQUE (backfill_id, begins_at);

ALTER TABLE ONLY public.backfills_piece
    ADD CONSTRAINT backfills_piece_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.backfills_pulse
    ADD CONSTRAINT backfills_pulse_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.catalog_alias_move
    ADD CONSTRAINT catalog_alias_move_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.catalog_alias_mover
    ADD CONSTRAINT catalog_alias_mover_aliasprotection_id_account_id_24719d24_uniq UNIQUE (aliasprotection_id, account_id);

ALTER TABLE ONLY public.catalog_alias_mover
    ADD CONSTRAINT catalog_alias_mover_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.catalog_alias
    ADD CONSTRAINT catalog_alias_name_once UNIQUE (model_id, name);

ALTER TABLE ONLY public.catalog_alias
    ADD CONSTRAINT catalog_alias_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.catalog_alias_protection
    ADD CONSTRAINT catalog_alias_protection_once UNIQUE (model_id, name);

ALTER TABLE ONLY public.catalog_alias_protection
    ADD CONSTRAINT catalog_alias_protection_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.catalog_card_text
    ADD CONSTRAINT catalog_card_text_once UNIQUE (model_id, section, number);

ALTER TABLE ONLY public.catalog_card_text
    ADD CONSTRAINT catalog_card_text_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.catalog_clearance
    ADD CONSTRAINT catalog_clearance_decision_id_key UNIQUE (decision_id);

ALTER TABLE ONLY public.catalog_clearance
    ADD CONSTRAINT catalog_clearance_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.catalog_external_name
    ADD CONSTRAINT catalog_external_name_once UNIQUE (system, name);

ALTER TABLE ONLY public.catalog_external_name
    ADD CONSTRAINT catalog_external_name_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.catalog_issued_card
    ADD CONSTRAINT catalog_issued_card_once UNIQUE (model_id, number);

ALTER TABLE ONLY public.catalog_issued_card
    ADD CONSTRAINT catalog_issued_card_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.catalog_model_grant
    ADD CONSTRAINT catalog_model_grant_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.catalog_model_grant
    ADD CONSTRAINT catalog_model_grant_user_id_permission_id_co_3d5d9e26_uniq UNIQUE (user_id, permission_id, content_object_id);

ALTER TABLE ONLY public.catalog_model
    ADD CONSTRAINT catalog_model_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.catalog_model
    ADD CONSTRAINT catalog_model_slug_key UNIQUE (slug);

ALTER TABLE ONLY public.catalog_validation_result
    ADD CONSTRAINT catalog_result_once UNIQUE (validation_id, metric, segment);

ALTER TABLE ONLY public.catalog_validation_result
    ADD CONSTRAINT catalog_result_position_once UNIQUE (validation_id, "position");

ALTER TABLE ONLY public.catalog_run
    ADD CONSTRAINT catalog_run_once UNIQUE (model_id, source, external_id);

ALTER TABLE ONLY public.catalog_run
    ADD CONSTRAINT catalog_run_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.catalog_stage_move
    ADD CONSTRAINT catalog_stage_move_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.catalog_sweep
    ADD CONSTRAINT catalog_sweep_once UNIQUE (model_id, source, external_id);

ALTER TABLE ONLY public.catalog_sweep
    ADD CONSTRAINT catalog_sweep_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.catalog_validation
    ADD CONSTRAINT catalog_validation_once UNIQUE (version_id, digest);

ALTER TABLE ONLY public.catalog_validation
    ADD CONSTRAINT catalog_validation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.catalog_validation_result
    ADD CONSTRAINT catalog_validation_result_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.catalog_version
    ADD CONSTRAINT catalog_version_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.costs_budget
    ADD CONSTRAINT costs_budget_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.costs_budget_status
    ADD CONSTRAINT costs_budget_status_pkey PRIMARY KEY (budget_id);

ALTER TABLE ONLY public.costs_daily
    ADD CONSTRAINT costs_daily_once UNIQUE NULLS NOT DISTINCT (model_id, day, origin, version_id, unit_id, team_id, project, currency);

ALTER TABLE ONLY public.costs_daily
    ADD CONSTRAINT costs_daily_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.costs_import
    ADD CONSTRAINT costs_import_digest_key UNIQUE (digest);

ALTER TABLE ONLY public.costs_import
    ADD CONSTRAINT costs_import_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.costs_price_list
    ADD CONSTRAINT costs_price_list_number_once UNIQUE (provider, number);

ALTER TABLE ONLY public.costs_price_list
    ADD CONSTRAINT costs_price_list_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.costs_rate
    ADD CONSTRAINT costs_rate_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.costs_record
    ADD CONSTRAINT costs_record_compensates_id_key UNIQUE (compensates_id);

ALTER TABLE ONLY public.costs_record
    ADD CONSTRAINT costs_record_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.delivery_attempt
    ADD CONSTRAINT delivery_attempt_number_once UNIQUE (notification_id, number);

ALTER TABLE ONLY public.delivery_attempt
    ADD CONSTRAINT delivery_attempt_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.delivery_books
    ADD CONSTRAINT delivery_books_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.delivery_channel
    ADD CONSTRAINT delivery_channel_name_key UNIQUE (name);

ALTER TABLE ONLY public.delivery_channel
    ADD CONSTRAINT delivery_channel_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.delivery_notification
    ADD CONSTRAINT delivery_notification_dedup_key_key UNIQUE (dedup_key);

ALTER TABLE ONLY public.delivery_notification
    ADD CONSTRAINT delivery_notification_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.delivery_tally
    ADD CONSTRAINT delivery_tally_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_app_label_model_76bd3d3b_uniq UNIQUE (app_label, model);

ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.django_migrations
    ADD CONSTRAINT django_migrations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.django_session
    ADD CONSTRAINT django_session_pkey PRIMARY KEY (session_key);

ALTER TABLE ONLY public.gates_decision
    ADD CONSTRAINT gates_decision_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.gates_trail_break
    ADD CONSTRAINT gates_trail_break_pkey PRIMARY KEY (entry_id);

ALTER TABLE ONLY public.gates_trail_walk
    ADD CONSTRAINT gates_trail_walk_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.guardian_groupobjectpermission
    ADD CONSTRAINT guardian_groupobjectperm_group_id_permission_id_o_3f189f7c_uniq UNIQUE (group_id, permission_id, object_pk);

ALTER TABLE ONLY public.guardian_groupobjectpermission
    ADD CONSTRAINT guardian_groupobjectpermission_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.guardian_userobjectpermission
    ADD CONSTRAINT guardian_userobjectpermi_user_id_permission_id_ob_b0b3d2fc_uniq UNIQUE (user_id, permission_id, object_pk);

ALTER TABLE ONLY public.guardian_userobjectpermission
    ADD CONSTRAINT guardian_userobjectpermission_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.health_formula
    ADD CONSTRAINT health_formula_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.health_formula
    ADD CONSTRAINT health_formula_slug_key UNIQUE (slug);

ALTER TABLE ONLY public.health_formula_version
    ADD CONSTRAINT health_formula_version_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.health_score
    ADD CONSTRAINT health_score_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.health_formula_version
    ADD CONSTRAINT health_version_number_once UNIQUE (formula_id, number);

ALTER TABLE ONLY public.inbox_alert
    ADD CONSTRAINT inbox_alert_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.inbox_annotation
    ADD CONSTRAINT inbox_annotation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.inbox_snooze
    ADD CONSTRAINT inbox_snooze_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.intake_import
    ADD CONSTRAINT intake_import_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.intake_item
    ADD CONSTRAINT intake_item_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.intake_item
    ADD CONSTRAINT intake_item_position_once UNIQUE (intake_id, "position");

ALTER TABLE ONLY public.intake_mapping
    ADD CONSTRAINT intake_mapping_headings_digest_key UNIQUE (headings_digest);

ALTER TABLE ONLY public.intake_mapping
    ADD CONSTRAINT intake_mapping_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.lineage_artifact
    ADD CONSTRAINT lineage_artifact_once UNIQUE (kind, name);

ALTER TABLE ONLY public.lineage_artifact
    ADD CONSTRAINT lineage_artifact_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.lineage_artifact_version
    ADD CONSTRAINT lineage_artifact_version_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.lineage_edge
    ADD CONSTRAINT lineage_edge_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.lineage_fact
    ADD CONSTRAINT lineage_fact_once UNIQUE (version_id, sort, name);

ALTER TABLE ONLY public.lineage_fact
    ADD CONSTRAINT lineage_fact_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.lineage_prediction
    ADD CONSTRAINT lineage_prediction_pkey PRIMARY KEY (id, observed_at);

ALTER TABLE ONLY public.lineage_prediction_tally
    ADD CONSTRAINT lineage_prediction_tally_pkey PRIMARY KEY (source_id, day);

ALTER TABLE ONLY public.lineage_prediction_terms
    ADD CONSTRAINT lineage_prediction_terms_pkey PRIMARY KEY (source_id);

ALTER TABLE ONLY public.lineage_subject
    ADD CONSTRAINT lineage_subject_once UNIQUE (source_id, generation, pseudonym);

ALTER TABLE ONLY public.lineage_subject
    ADD CONSTRAINT lineage_subject_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.lineage_artifact_version
    ADD CONSTRAINT lineage_version_label_once UNIQUE (artifact_id, label);

ALTER TABLE ONLY public.mfa_authenticator
    ADD CONSTRAINT mfa_authenticator_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.outside_placement
    ADD CONSTRAINT outside_placement_once UNIQUE (event, ordinal);

ALTER TABLE ONLY public.outside_placement
    ADD CONSTRAINT outside_placement_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.outside_violation
    ADD CONSTRAINT outside_violation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.outside_violation
    ADD CONSTRAINT outside_violation_placement_id_key UNIQUE (placement_id);

ALTER TABLE ONLY public.registryhooks_followed
    ADD CONSTRAINT registryhooks_followed_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.registryhooks_webhook
    ADD CONSTRAINT registryhooks_webhook_channel_id_key UNIQUE (channel_id);

ALTER TABLE ONLY public.registryhooks_webhook
    ADD CONSTRAINT registryhooks_webhook_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.risks_acceptance
    ADD CONSTRAINT risks_acceptance_approval_id_key UNIQUE (approval_id);

ALTER TABLE ONLY public.risks_acceptance
    ADD CONSTRAINT risks_acceptance_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.risks_acknowledgement
    ADD CONSTRAINT risks_acknowledgement_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.risks_assessment
    ADD CONSTRAINT risks_assessment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.risks_change
    ADD CONSTRAINT risks_change_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.risks_contribution
    ADD CONSTRAINT risks_contribution_once UNIQUE (risk_id, cause, began_at);

ALTER TABLE ONLY public.risks_contribution
    ADD CONSTRAINT risks_contribution_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.risks_dispute
    ADD CONSTRAINT risks_dispute_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.risks_response_draft
    ADD CONSTRAINT risks_draft_one_per_author UNIQUE (risk_id, author_id);

ALTER TABLE ONLY public.risks_plan
    ADD CONSTRAINT risks_plan_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.risks_plan_step
    ADD CONSTRAINT risks_plan_step_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.risks_plan_step
    ADD CONSTRAINT risks_plan_step_position UNIQUE (plan_id, "position");

ALTER TABLE ONLY public.risks_release
    ADD CONSTRAINT risks_release_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.risks_response_draft
    ADD CONSTRAINT risks_response_draft_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.risks_risk
    ADD CONSTRAINT risks_risk_one_per_category UNIQUE (model_id, category);

ALTER TABLE ONLY public.risks_risk
    ADD CONSTRAINT risks_risk_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.routing_books
    ADD CONSTRAINT routing_books_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.routing_decision
    ADD CONSTRAINT routing_decision_entry_id_key UNIQUE (entry_id);

ALTER TABLE ONLY public.routing_decision
    ADD CONSTRAINT routing_decision_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.routing_route_channel
    ADD CONSTRAINT routing_route_channel_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.routing_route_channel
    ADD CONSTRAINT routing_route_channel_route_id_channel_id_d8b08188_uniq UNIQUE (route_id, channel_id);

ALTER TABLE ONLY public.routing_route
    ADD CONSTRAINT routing_route_name_key UNIQUE (name);

ALTER TABLE ONLY public.routing_route
    ADD CONSTRAINT routing_route_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.routing_route
    ADD CONSTRAINT routing_route_position_key UNIQUE ("position");

ALTER TABLE ONLY public.rules_episode
    ADD CONSTRAINT rules_episode_once UNIQUE (rule_version_id, model_id, environment, segment, began_at);

ALTER TABLE ONLY public.rules_episode
    ADD CONSTRAINT rules_episode_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.rules_evaluation
    ADD CONSTRAINT rules_evaluation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.rules_rule
    ADD CONSTRAINT rules_rule_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.rules_rule
    ADD CONSTRAINT rules_rule_slug_key UNIQUE (slug);

ALTER TABLE ONLY public.rules_series_state
    ADD CONSTRAINT rules_series_state_once UNIQUE (rule_version_id, model_id, environment, segment);

ALTER TABLE ONLY public.rules_series_state
    ADD CONSTRAINT rules_series_state_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.rules_version
    ADD CONSTRAINT rules_version_number_once UNIQUE (rule_id, number);

ALTER TABLE ONLY public.rules_version
    ADD CONSTRAINT rules_version_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.scoring_control
    ADD CONSTRAINT scoring_control_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.scoring_posture_change
    ADD CONSTRAINT scoring_posture_change_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.scoring_posture
    ADD CONSTRAINT scoring_posture_pkey PRIMARY KEY (model_id);

ALTER TABLE ONLY public.scoring_rule_trip
    ADD CONSTRAINT scoring_rule_trip_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.telemetry_books
    ADD CONSTRAINT telemetry_books_pkey PRIMARY KEY (source_id);

ALTER TABLE ONLY public.telemetry_drop_part
    ADD CONSTRAINT telemetry_drop_part_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.telemetry_drop
    ADD CONSTRAINT telemetry_drop_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.telemetry_event
    ADD CONSTRAINT telemetry_event_once UNIQUE (source_id, event_id);

ALTER TABLE ONLY public.telemetry_event
    ADD CONSTRAINT telemetry_event_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.telemetry_field_watch
    ADD CONSTRAINT telemetry_field_watch_pkey PRIMARY KEY (source_id);

ALTER TABLE ONLY public.telemetry_house_alias
    ADD CONSTRAINT telemetry_house_alias_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.telemetry_house_metric
    ADD CONSTRAINT telemetry_house_metric_name_key UNIQUE (name);

ALTER TABLE ONLY public.telemetry_house_metric
    ADD CONSTRAINT telemetry_house_metric_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.telemetry_keeping_terms
    ADD CONSTRAINT telemetry_keeping_terms_number_key UNIQUE (number);

ALTER TABLE ONLY public.telemetry_keeping_terms
    ADD CONSTRAINT telemetry_keeping_terms_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.telemetry_keeping_walk
    ADD CONSTRAINT telemetry_keeping_walk_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.telemetry_legal_hold
    ADD CONSTRAINT telemetry_legal_hold_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.telemetry_mapping_version
    ADD CONSTRAINT telemetry_mapping_number_once UNIQUE (source_id, number);

ALTER TABLE ONLY public.telemetry_mapping_version
    ADD CONSTRAINT telemetry_mapping_version_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.telemetry_measurement
    ADD CONSTRAINT telemetry_measurement_pkey PRIMARY KEY (id, observed_at);

ALTER TABLE ONLY public.telemetry_measurement_default
    ADD CONSTRAINT telemetry_measurement_default_pkey PRIMARY KEY (id, observed_at);

ALTER TABLE ONLY public.telemetry_notice
    ADD CONSTRAINT telemetry_notice_once UNIQUE (source_id, code, subject);

ALTER TABLE ONLY public.telemetry_notice
    ADD CONSTRAINT telemetry_notice_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.telemetry_poll_sweep
    ADD CONSTRAINT telemetry_poll_sweep_once UNIQUE (source_id, turn);

ALTER TABLE ONLY public.telemetry_poll_sweep
    ADD CONSTRAINT telemetry_poll_sweep_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.telemetry_polling
    ADD CONSTRAINT telemetry_polling_pkey PRIMARY KEY (source_id);

ALTER TABLE ONLY public.telemetry_refusal
    ADD CONSTRAINT telemetry_refusal_once UNIQUE NULLS NOT DISTINCT (source_id, code);

ALTER TABLE ONLY public.telemetry_refusal
    ADD CONSTRAINT telemetry_refusal_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.telemetry_remembered
    ADD CONSTRAINT telemetry_remembered_once UNIQUE (source_id, thing);

ALTER TABLE ONLY public.telemetry_remembered
    ADD CONSTRAINT telemetry_remembered_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.telemetry_rollup
    ADD CONSTRAINT telemetry_rollup_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.telemetry_rollup
    ADD CONSTRAINT telemetry_rollup_window_once UNIQUE (model_id, width_s, metric, environment, segment, starts_at);

ALTER TABLE ONLY public.telemetry_seen_field
    ADD CONSTRAINT telemetry_seen_field_once UNIQUE (source_id, path, kind);

ALTER TABLE ONLY public.telemetry_seen_field
    ADD CONSTRAINT telemetry_seen_field_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.telemetry_series
    ADD CONSTRAINT telemetry_series_once UNIQUE (model_id, metric, environment, segment);

ALTER TABLE ONLY public.telemetry_series
    ADD CONSTRAINT telemetry_series_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.telemetry_sighting
    ADD CONSTRAINT telemetry_sighting_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.telemetry_source
    ADD CONSTRAINT telemetry_source_path_token_key UNIQUE (path_token);

ALTER TABLE ONLY public.telemetry_source
    ADD CONSTRAINT telemetry_source_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.telemetry_source
    ADD CONSTRAINT telemetry_source_slug_key UNIQUE (slug);

ALTER TABLE ONLY public.telemetry_tally
    ADD CONSTRAINT telemetry_tally_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.usersessions_usersession
    ADD CONSTRAINT usersessions_usersession_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.usersessions_usersession
    ADD CONSTRAINT usersessions_usersession_session_key_key UNIQUE (session_key);

ALTER TABLE ONLY public.vault_sealed_secret
    ADD CONSTRAINT vault_sealed_secret_owner_key UNIQUE (owner);

ALTER TABLE ONLY public.vault_sealed_secret
    ADD CONSTRAINT vault_sealed_secret_pkey PRIMARY KEY (id);

CREATE INDEX access_account_groups_account_id_a8efab85 ON public.access_account_groups USING btree (account_id);

CREATE INDEX access_account_groups_group_id_5a53115f ON public.access_account_groups USING btree (group_id);

CREATE INDEX access_account_team_id_79c1e13f ON public.access_account USING btree (team_id);

CREATE INDEX access_account_unit_id_421519c6 ON public.access_account USING btree (unit_id);

CREATE INDEX access_account_user_permissions_account_id_7eeff073 ON public.access_account_user_permissions USING btree (account_id);

CREATE INDEX access_account_user_permissions_permission_id_56434d76 ON public.access_account_user_permissions USING btree (permission_id);

CREATE INDEX access_account_username_221d18bd_like ON public.access_account USING btree (username varchar_pattern_ops);

CREATE INDEX access_one_time_link_account_id_d570702a ON public.access_one_time_link USING btree (account_id);

CREATE INDEX access_role_grant_account_id_b3a041c9 ON public.access_role_grant USING btree (account_id);

CREATE INDEX access_role_grant_granted_by_id_b23181d4 ON public.access_role_grant USING btree (granted_by_id);

CREATE UNIQUE INDEX access_role_grant_one_open ON public.access_role_grant USING btree (account_id, role, unit_id) NULLS NOT DISTINCT WHERE (ended_at IS NULL);

CREATE INDEX access_role_grant_unit_id_7ab9d9c5 ON public.access_role_grant USING btree (unit_id);

CREATE UNIQUE INDEX access_saved_view_name_once ON public.access_saved_view USING btree (owner_id, list_name, lower((name)::text));

CREATE INDEX access_saved_view_owner_id_622708a8 ON public.access_saved_view USING btree (owner_id);

CREATE INDEX access_saved_view_shared ON public.access_saved_view USING btree (list_name, shared_role) WHERE (NOT ((shared_role)::text = ''::text));

CREATE INDEX access_team_slug_b932ffcc_like ON public.access_team USING btree (slug varchar_pattern_ops);

CREATE INDEX access_team_unit_id_7cfbfcc4 ON public.access_team USING btree (unit_id);

CREATE INDEX access_token_account_id_bf4bd1f9 ON public.access_token USING btree (account_id);

CREATE INDEX access_token_issued_by_id_b5ecbb34 ON public.access_token USING btree (issued_by_id);

CREATE INDEX access_unit_slug_44d88f09_like ON public.access_unit USING btree (slug varchar_pattern_ops);

CREATE INDEX account_emailaddress_email_03be32b2 ON public.account_emailaddress USING btree (email);

CREATE INDEX account_emailaddress_email_03be32b2_like ON public.account_emailaddress USING btree (email varchar_pattern_ops);

CREATE INDEX account_emailaddress_user_id_2c513194 ON public.account_emailaddress USING btree (user_id);

CREATE INDEX account_emailconfirmation_email_address_id_5b7f8c58 ON public.account_emailconfirmation USING btree (email_address_id);

CREATE INDEX account_emailconfirmation_key_f43612bd_like ON public.account_emailconfirmation USING btree (key varchar_pattern_ops);

CREATE UNIQUE INDEX approvals_one_pending ON public.approvals_request USING btree (subject, object_id) WHERE ((state)::text = 'PENDING'::text);

CREATE INDEX approvals_request_model_id_0f462223 ON public.approvals_request USING btree (model_id);

CREATE INDEX approvals_request_requested_by_id_b331a62e ON public.approvals_request USING btree (requested_by_id);

CREATE INDEX approvals_state_expiry ON public.approvals_request USING btree (state, expires_at);

CREATE INDEX approvals_vote_voter_id_c7a893c8 ON public.approvals_vote USING btree (voter_id);

CREATE INDEX audit_entry_action ON public.audit_entry USING btree (action, id DESC);

CREATE INDEX audit_entry_at ON public.audit_entry USING btree (at);

CREATE INDEX audit_entry_model ON public.audit_entry USING btree (model_id, id DESC);

CREATE INDEX audit_entry_object ON public.audit_entry USING btree (object_type, object_id, id DESC);

CREATE INDEX audit_entry_xid ON public.audit_entry USING btree (xid);

CREATE INDEX auth_group_name_a6ea08ec_like ON public.auth_group USING btree (name varchar_pattern_ops);

CREATE INDEX auth_group_permissions_group_id_b120cbf9 ON public.auth_group_permissions USING btree (group_id);

CREATE INDEX auth_group_permissions_permission_id_84c5c92e ON public.auth_group_permissions USING btree (permission_id);

CREATE INDEX auth_permission_content_type_id_2f476e4b ON public.auth_permission USING btree (content_type_id);

CREATE INDEX backfills_backfill_created_by_id_e8e35e0b ON public.backfills_backfill USING btree (created_by_id);

CREATE INDEX backfills_backfill_source_id_c8c95503 ON public.backfills_backfill USING btree (source_id);

CREATE INDEX backfills_running ON public.backfills_backfill USING btree (id) WHERE ((state)::text = 'RUNNING'::text);

CREATE UNIQUE INDEX backfills_same_file_once ON public.backfills_backfill USING btree (source_id, digest, plan_digest) WHERE ((state)::text = ANY ((ARRAY['RUNNING'::character varying, 'PAUSED'::character varying, 'DONE'::character varying])::text[]));

CREATE INDEX catalog_alias_move_clearance_id_e4f3cf89 ON public.catalog_alias_move USING btree (clearance_id);

CREATE INDEX catalog_alias_move_history ON public.catalog_alias_move USING btree (model_id, name, moved_at DESC, id DESC);

CREATE INDEX catalog_alias_move_moved_by_id_94e819f6 ON public.catalog_alias_move USING btree (moved_by_id);

CREATE INDEX catalog_alias_move_newest ON public.catalog_alias_move USING btree (model_id, moved_at DESC, id DESC);

CREATE INDEX catalog_alias_move_version_id_32a78b39 ON public.catalog_alias_move USING btree (version_id);

CREATE INDEX catalog_alias_mover_account_id_76d2beb4 ON public.catalog_alias_mover USING btree (account_id);

CREATE INDEX catalog_alias_mover_aliasprotection_id_dfdc1c7d ON public.catalog_alias_mover USING btree (aliasprotection_id);

CREATE INDEX catalog_alias_protection_protected_by_id_ab3357d7 ON public.catalog_alias_protection USING btree (protected_by_id);

CREATE INDEX catalog_alias_version_id_c8978352 ON public.catalog_alias USING btree (version_id);

CREATE INDEX catalog_card_text_written_by_id_65581e73 ON public.catalog_card_text USING btree (written_by_id);

CREATE INDEX catalog_clearance_version_id_6b0a4d74 ON public.catalog_clearance USING btree (version_id);

CREATE INDEX catalog_external_name_model_id_e1f55fd2 ON public.catalog_external_name USING btree (model_id);

CREATE INDEX catalog_issued_card_issued_by_id_2b60e0b6 ON public.catalog_issued_card USING btree (issued_by_id);

CREATE INDEX catalog_model_deputy_id_1369c30c ON public.catalog_model USING btree (deputy_id);

CREATE INDEX catalog_model_grant_content_object_id_1fa64c4d ON public.catalog_model_grant USING btree (content_object_id);

CREATE INDEX catalog_model_grant_permission_id_e69dfb89 ON public.catalog_model_grant USING btree (permission_id);

CREATE INDEX catalog_model_grant_user_id_340623a6 ON public.catalog_model_grant USING btree (user_id);

CREATE INDEX catalog_model_owner_id_2905a772 ON public.catalog_model USING btree (owner_id);

CREATE INDEX catalog_model_owner_ix ON public.catalog_model USING btree (owner_id);

CREATE INDEX catalog_model_registered_by_id_8af1a1e2 ON public.catalog_model USING btree (registered_by_id);

CREATE UNIQUE INDEX catalog_model_registry_name_once ON public.catalog_model USING btree (COALESCE(registry_name, slug)) WHERE (archived_at IS NULL);

CREATE INDEX catalog_model_slug_b57538de_like ON public.catalog_model USING btree (slug varchar_pattern_ops);

CREATE INDEX catalog_model_team_id_2c1d5e9c ON public.catalog_model USING btree (team_id);

CREATE INDEX catalog_model_unit_slug ON public.catalog_model USING btree (unit_id, slug);

CREATE INDEX catalog_run_artifacts ON public.catalog_run USING gin (artifacts jsonb_path_ops);

CREATE INDEX catalog_run_linked_by_id_a03f6f64 ON public.catalog_run USING btree (linked_by_id);

CREATE INDEX catalog_run_newest ON public.catalog_run USING btree (model_id, COALESCE(started_at, recorded_at) DESC, id);

CREATE INDEX catalog_run_objective ON public.catalog_run USING btree (sweep_id, objective);

CREATE UNIQUE INDEX catalog_run_one_of_a_version ON public.catalog_run USING btree (version_id) WHERE (version_id IS NOT NULL);

CREATE INDEX catalog_run_recorded_by_id_8981585e ON public.catalog_run USING btree (recorded_by_id);

CREATE INDEX catalog_run_version_id_fdb8a049 ON public.catalog_run USING btree (version_id);

CREATE INDEX catalog_stage_move_clearance_id_840eeb5e ON public.catalog_stage_move USING btree (clearance_id);

CREATE INDEX catalog_stage_move_entered ON public.catalog_stage_move USING btree (model_id, to_stage, version_id DESC);

CREATE INDEX catalog_stage_move_moved_by_id_0378ebc0 ON public.catalog_stage_move USING btree (moved_by_id);

CREATE INDEX catalog_stage_move_newest ON public.catalog_stage_move USING btree (model_id, moved_at DESC, id DESC);

CREATE INDEX catalog_stage_move_version_id_6ba00ace ON public.catalog_stage_move USING btree (version_id);

CREATE INDEX catalog_sweep_recorded_by_id_579d8aa2 ON public.catalog_sweep USING btree (recorded_by_id);

CREATE INDEX catalog_validation_newest ON public.catalog_validation USING btree (version_id, ran_at DESC, id DESC);

CREATE INDEX catalog_validation_recorded_by_id_26977cc9 ON public.catalog_validation USING btree (recorded_by_id);

CREATE INDEX catalog_validation_suite ON public.catalog_validation USING btree (version_id, suite, ran_at DESC, id DESC);

CREATE INDEX catalog_version_changed ON public.catalog_version USING btree (COALESCE(changed_at, created_at) DESC);

CREATE INDEX catalog_version_created_by_id_f739e010 ON public.catalog_version USING btree (created_by_id);

CREATE INDEX catalog_version_model_changed ON public.catalog_version USING btree (model_id, COALESCE(changed_at, created_at) DESC, number DESC);

CREATE UNIQUE INDEX catalog_version_number_once ON public.catalog_version USING btree (model_id, number) INCLUDE (created_at);

CREATE INDEX catalog_version_run ON public.catalog_version USING btree (run_id) WHERE (NOT ((run_id)::text = ''::text));

CREATE INDEX catalog_version_stage ON public.catalog_version USING btree (model_id, stage, number DESC);

CREATE INDEX costs_budget_created_by_id_ecdba9f5 ON public.costs_budget USING btree (created_by_id);

CREATE INDEX costs_budget_model_id_325a971e ON public.costs_budget USING btree (model_id);

CREATE UNIQUE INDEX costs_budget_one_open ON public.costs_budget USING btree (scope, unit_id, team_id, model_id, project) NULLS NOT DISTINCT WHERE (ended_at IS NULL);

CREATE INDEX costs_budget_status_answering_id_322f0b07 ON public.costs_budget_status USING btree (answering_id);

CREATE INDEX costs_budget_team_id_81946664 ON public.costs_budget USING btree (team_id);

CREATE INDEX costs_budget_unit_id_d8b8acba ON public.costs_budget USING btree (unit_id);

CREATE INDEX costs_daily_day ON public.costs_daily USING btree (day);

CREATE INDEX costs_daily_team_id_0137ee9c ON public.costs_daily USING btree (team_id);

CREATE INDEX costs_daily_unit_id_183d6030 ON public.costs_daily USING btree (unit_id);

CREATE INDEX costs_daily_version_id_5133b43e ON public.costs_daily USING btree (version_id);

CREATE INDEX costs_import_digest_77100caa_like ON public.costs_import USING btree (digest varchar_pattern_ops);

CREATE INDEX costs_import_imported_by_id_65636ea3 ON public.costs_import USING btree (imported_by_id);

CREATE INDEX costs_import_undone_by_id_d83a6100 ON public.costs_import USING btree (undone_by_id);

CREATE INDEX costs_import_uploaded_by_id_4dd8657b ON public.costs_import USING btree (uploaded_by_id);

CREATE INDEX costs_price_list_entered_by_id_dcf5e46c ON public.costs_price_list USING btree (entered_by_id);

CREATE INDEX costs_rate_entered_by_id_fe362225 ON public.costs_rate USING btree (entered_by_id);

CREATE INDEX costs_record_day_4cb1cd83 ON public.costs_record USING btree (day);

CREATE INDEX costs_record_model_id_f39cba55 ON public.costs_record USING btree (model_id);

CREATE INDEX costs_record_recorded_by_id_2bac53e1 ON public.costs_record USING btree (recorded_by_id);

CREATE UNIQUE INDEX costs_record_row_once ON public.costs_record USING btree (source_id, round, "row") WHERE (compensates_id IS NULL);

CREATE INDEX costs_record_source_id_cffc0a55 ON public.costs_record USING btree (source_id);

CREATE INDEX costs_record_team_id_fae48d77 ON public.costs_record USING btree (team_id);

CREATE INDEX costs_record_unit_id_aebf363c ON public.costs_record USING btree (unit_id);

CREATE INDEX costs_record_version_id_3c6bf435 ON public.costs_record USING btree (version_id);

CREATE INDEX delivery_channel_name_bceb99dd_like ON public.delivery_channel USING btree (name varchar_pattern_ops);

CREATE INDEX delivery_notification_alert_id_85eadafa ON public.delivery_notification USING btree (alert_id);

CREATE INDEX delivery_notification_channel ON public.delivery_notification USING btree (channel_id, id DESC);

CREATE INDEX delivery_notification_dedup_key_c8f690d3_like ON public.delivery_notification USING btree (dedup_key varchar_pattern_ops);

CREATE INDEX delivery_notification_leased ON public.delivery_notification USING btree (lease_until) WHERE ((lease_until IS NOT NULL) AND ((state)::text = 'PENDING'::text));

CREATE INDEX delivery_notification_next ON public.delivery_notification USING btree (lane, tier, not_before) WHERE ((state)::text = 'PENDING'::text);

CREATE INDEX delivery_notification_recipient_id_799229a7 ON public.delivery_notification USING btree (recipient_id);

CREATE INDEX django_session_expire_date_a5c62663 ON public.django_session USING btree (expire_date);

CREATE INDEX django_session_session_key_c0390e0f_like ON public.django_session USING btree (session_key varchar_pattern_ops);

CREATE INDEX gates_decision_requested_by_id_01943a78 ON public.gates_decision USING btree (requested_by_id);

CREATE INDEX gates_decision_version ON public.gates_decision USING btree (version_id, decided_at DESC);

CREATE INDEX gates_trail_break_model_id_2534c0e2 ON public.gates_trail_break USING btree (model_id);

CREATE INDEX guardian_gr_group_i_9e7d12_idx ON public.guardian_groupobjectpermission USING btree (group_id, content_type_id, object_pk);

CREATE INDEX guardian_gr_permiss_83545c_idx ON public.guardian_groupobjectpermission USING btree (permission_id, group_id, content_type_id, object_pk);

CREATE INDEX guardian_groupobjectpermission_content_type_id_7ade36b8 ON public.guardian_groupobjectpermission USING btree (content_type_id);

CREATE INDEX guardian_groupobjectpermission_group_id_4bbbfb62 ON public.guardian_groupobjectpermission USING btree (group_id);

CREATE INDEX guardian_groupobjectpermission_permission_id_36572738 ON public.guardian_groupobjectpermission USING btree (permission_id);

CREATE INDEX guardian_us_permiss_e5749c_idx ON public.guardian_userobjectpermission USING btree (permission_id, user_id, content_type_id, object_pk);

CREATE INDEX guardian_us_user_id_8eae14_idx ON public.guardian_userobjectpermission USING btree (user_id, content_type_id, object_pk);

CREATE INDEX guardian_userobjectpermission_content_type_id_2e892405 ON public.guardian_userobjectpermission USING btree (content_type_id);

CREATE INDEX guardian_userobjectpermission_permission_id_71807bfc ON public.guardian_userobjectpermission USING btree (permission_id);

CREATE INDEX guardian_userobjectpermission_user_id_d5c1e964 ON public.guardian_userobjectpermission USING btree (user_id);

CREATE INDEX health_formula_slug_01b7b909_like ON public.health_formula USING btree (slug varchar_pattern_ops);

CREATE INDEX health_formula_version_author_id_109e1722 ON public.health_formula_version USING btree (author_id);

CREATE INDEX health_score_formula_version_id_5883718d ON public.health_score USING btree (formula_version_id);

CREATE INDEX health_score_history ON public.health_score USING btree (model_id, scored_at DESC, id DESC) INCLUDE (score, redline);

CREATE INDEX inbox_alert_acknowledged_by_id_ed8d6c83 ON public.inbox_alert USING btree (acknowledged_by_id);

CREATE INDEX inbox_alert_list ON public.inbox_alert USING btree (state, tier, last_at DESC);

CREATE INDEX inbox_alert_model ON public.inbox_alert USING btree (model_id, id DESC);

CREATE UNIQUE INDEX inbox_alert_one_open ON public.inbox_alert USING btree (fingerprint) WHERE (NOT ((state)::text = 'RESOLVED'::text));

CREATE INDEX inbox_annotation_alert_id_91f951e9 ON public.inbox_annotation USING btree (alert_id);

CREATE INDEX inbox_annotation_by_id_97fab3a0 ON public.inbox_annotation USING btree (by_id);

CREATE INDEX inbox_snooze_alert_id_6e320bf5 ON public.inbox_snooze USING btree (alert_id);

CREATE INDEX inbox_snooze_by_id_6ab505fa ON public.inbox_snooze USING btree (by_id);

CREATE UNIQUE INDEX inbox_snooze_one_each ON public.inbox_snooze USING btree (alert_id, by_id) WHERE (ended_at IS NULL);

CREATE INDEX intake_import_applied_by_id_b449426f ON public.intake_import USING btree (applied_by_id);

CREATE INDEX intake_import_at_work ON public.intake_import USING btree (id) WHERE ((state)::text = ANY ((ARRAY['CHECKING'::character varying, 'APPLYING'::character varying, 'UNDOING'::character varying])::text[]));

CREATE INDEX intake_import_by ON public.intake_import USING btree (uploaded_by_id, id DESC);

CREATE INDEX intake_import_digest ON public.intake_import USING btree (digest);

CREATE INDEX intake_import_undone_by_id_6d3164eb ON public.intake_import USING btree (undone_by_id);

CREATE INDEX intake_item_model ON public.intake_item USING btree (model_id);

CREATE INDEX intake_item_model_id_385b7d0d ON public.intake_item USING btree (model_id);

CREATE INDEX intake_item_outcome ON public.intake_item USING btree (intake_id, outcome, "position");

CREATE INDEX intake_mapping_headings_digest_766238a9_like ON public.intake_mapping USING btree (headings_digest varchar_pattern_ops);

CREATE INDEX intake_mapping_saved_by_id_2bf9946f ON public.intake_mapping USING btree (saved_by_id);

CREATE INDEX lineage_artifact_created_by_id_598e79d7 ON public.lineage_artifact USING btree (created_by_id);

CREATE INDEX lineage_artifact_name ON public.lineage_artifact USING btree (name, id);

CREATE INDEX lineage_artifact_version_created_by_id_8dae4406 ON public.lineage_artifact_version USING btree (created_by_id);

CREATE INDEX lineage_edge_derived_id_9df43854 ON public.lineage_edge USING btree (derived_id);

CREATE UNIQUE INDEX lineage_edge_of_artifact_once ON public.lineage_edge USING btree (derived_id, used_id, role) WHERE ((derived_id IS NOT NULL) AND (withdrawn_at IS NULL));

CREATE UNIQUE INDEX lineage_edge_of_version_once ON public.lineage_edge USING btree (version_id, used_id, role) WHERE ((version_id IS NOT NULL) AND (withdrawn_at IS NULL));

CREATE INDEX lineage_edge_recorded_by_id_17ed7349 ON public.lineage_edge USING btree (recorded_by_id);

CREATE INDEX lineage_edge_used_id_db525d04 ON public.lineage_edge USING btree (used_id);

CREATE INDEX lineage_edge_users ON public.lineage_edge USING btree (artifact_id, model_id) WHERE (model_id IS NOT NULL);

CREATE INDEX lineage_edge_version_id_9d7e6d1f ON public.lineage_edge USING btree (version_id);

CREATE INDEX lineage_edge_withdrawn_by_id_93dfae54 ON public.lineage_edge USING btree (withdrawn_by_id);

CREATE INDEX lineage_fact_recorded_by_id_dbb5039c ON public.lineage_fact USING btree (recorded_by_id);

CREATE INDEX lineage_prediction_nameless ON ONLY public.lineage_prediction USING btree (model_name) WHERE (model_id IS NULL);

CREATE INDEX lineage_prediction_newest ON ONLY public.lineage_prediction USING btree (observed_at DESC, id);

CREATE INDEX lineage_prediction_of_model ON ONLY public.lineage_prediction USING btree (model_id, observed_at DESC, id);

CREATE INDEX lineage_prediction_of_version ON ONLY public.lineage_prediction USING btree (version_id, observed_at DESC, id);

CREATE UNIQUE INDEX lineage_prediction_once ON ONLY public.lineage_prediction USING btree (prediction_id, source_id, observed_at);

CREATE INDEX lineage_prediction_orphan ON ONLY public.lineage_prediction USING btree (observed_at DESC, id) WHERE (version_id IS NULL);

CREATE INDEX lineage_prediction_orphan_of ON ONLY public.lineage_prediction USING btree (model_id, version_name, alias) WHERE ((version_id IS NULL) AND (model_id IS NOT NULL));

CREATE INDEX lineage_prediction_subject ON ONLY public.lineage_prediction USING btree (subject_id) WHERE (subject_id IS NOT NULL);

CREATE INDEX lineage_prediction_terms_changed_by_id_e73112b5 ON public.lineage_prediction_terms USING btree (changed_by_id);

CREATE INDEX lineage_prediction_trace ON ONLY public.lineage_prediction USING btree (trace_id) WHERE ((trace_id)::text <> ''::text);

CREATE INDEX lineage_subject_generation ON public.lineage_subject USING btree (generation);

CREATE UNIQUE INDEX lineage_version_digest_once ON public.lineage_artifact_version USING btree (artifact_id, digest) WHERE (NOT ((digest)::text = ''::text));

CREATE INDEX lineage_version_newest ON public.lineage_artifact_version USING btree (artifact_id, created_at DESC, id DESC);

CREATE INDEX mfa_authenticator_user_id_0c3a50c0 ON public.mfa_authenticator USING btree (user_id);

CREATE INDEX outside_placement_model ON public.outside_placement USING btree (model_id, slot, observed_at DESC);

CREATE INDEX outside_placement_slot ON public.outside_placement USING btree (slot, observed_at DESC);

CREATE INDEX outside_placement_untied ON public.outside_placement USING btree (model_name) WHERE (model_id IS NULL);

CREATE INDEX outside_violation_model ON public.outside_violation USING btree (model_id, began_at DESC);

CREATE INDEX outside_violation_open ON public.outside_violation USING btree (began_at) WHERE (ended_at IS NULL);

CREATE INDEX registryhooks_webhook_made_by_id_d7e4f04b ON public.registryhooks_webhook USING btree (made_by_id);

CREATE INDEX registryhooks_webhook_recent ON public.registryhooks_webhook USING btree (created_at DESC);

CREATE INDEX registryhooks_webhook_stopped_by_id_349d7bac ON public.registryhooks_webhook USING btree (stopped_by_id);

CREATE INDEX risks_acceptance_ends ON public.risks_acceptance USING btree (expires_on) WHERE ((state)::text = 'ACTIVE'::text);

CREATE UNIQUE INDEX risks_acceptance_one_open ON public.risks_acceptance USING btree (risk_id) WHERE ((state)::text = ANY ((ARRAY['PROPOSED'::character varying, 'ACTIVE'::character varying])::text[]));

CREATE INDEX risks_acceptance_proposed_by_id_03786982 ON public.risks_acceptance USING btree (proposed_by_id);

CREATE INDEX risks_acceptance_risk_id_9a3ad598 ON public.risks_acceptance USING btree (risk_id);

CREATE INDEX risks_acknowledgement_by_id_d2533aff ON public.risks_acknowledgement USING btree (by_id);

CREATE INDEX risks_acknowledgement_risk_id_ad0c369d ON public.risks_acknowledgement USING btree (risk_id);

CREATE INDEX risks_assessment_assessed_by_id_0c75ccf4 ON public.risks_assessment USING btree (assessed_by_id);

CREATE INDEX risks_assessment_risk_id_435a2207 ON public.risks_assessment USING btree (risk_id);

CREATE INDEX risks_change_evaluation_id_829127b0 ON public.risks_change USING btree (evaluation_id);

CREATE INDEX risks_change_history ON public.risks_change USING btree (risk_id, changed_at DESC, id DESC) INCLUDE (to_level, to_score, state);

CREATE UNIQUE INDEX risks_dispute_one_open ON public.risks_dispute USING btree (risk_id) WHERE (settled_at IS NULL);

CREATE INDEX risks_dispute_raised_by_id_3aa26728 ON public.risks_dispute USING btree (raised_by_id);

CREATE INDEX risks_dispute_risk_id_b6c0e328 ON public.risks_dispute USING btree (risk_id);

CREATE INDEX risks_dispute_settled_by_id_6173c0bb ON public.risks_dispute USING btree (settled_by_id);

CREATE INDEX risks_plan_created_by_id_8ac8161b ON public.risks_plan USING btree (created_by_id);

CREATE UNIQUE INDEX risks_plan_one_active ON public.risks_plan USING btree (risk_id) WHERE ((state)::text = 'ACTIVE'::text);

CREATE INDEX risks_plan_risk_id_0c5667a5 ON public.risks_plan USING btree (risk_id);

CREATE INDEX risks_plan_step_done_by_id_9029a77d ON public.risks_plan_step USING btree (done_by_id);

CREATE INDEX risks_plan_step_owner_id_1fbb4631 ON public.risks_plan_step USING btree (owner_id);

CREATE INDEX risks_plan_step_returned_by_id_1829fe8c ON public.risks_plan_step USING btree (returned_by_id);

CREATE INDEX risks_plan_step_verified_by_id_770361e0 ON public.risks_plan_step USING btree (verified_by_id);

CREATE INDEX risks_plan_version_id_e410dc35 ON public.risks_plan USING btree (version_id);

CREATE INDEX risks_release_released_by_id_407e8a41 ON public.risks_release USING btree (released_by_id);

CREATE INDEX risks_release_risk_id_6be5a2bc ON public.risks_release USING btree (risk_id);

CREATE INDEX risks_response_draft_author_id_290b9fb5 ON public.risks_response_draft USING btree (author_id);

CREATE INDEX risks_risk_due ON public.risks_risk USING btree (due_at) WHERE (NOT ((state)::text = 'CLOSED'::text));

CREATE INDEX risks_risk_evidence_by_id_965060ca ON public.risks_risk USING btree (evidence_by_id);

CREATE INDEX risks_risk_level_score ON public.risks_risk USING btree (level, score DESC);

CREATE INDEX risks_risk_next_change ON public.risks_risk USING btree (next_change_at);

CREATE INDEX risks_risk_owed ON public.risks_risk USING btree (model_id, due_at) WHERE ((state)::text = ANY ((ARRAY['OPEN'::character varying, 'ACKNOWLEDGED'::character varying, 'MITIGATING'::character varying])::text[]));

CREATE INDEX risks_risk_to_check ON public.risks_risk USING btree (model_id) WHERE (((state)::text = 'VERIFYING'::text) OR ((factor < (40.0)::double precision) AND ((level)::text = 'HIGH'::text)) OR ((factor < (75.0)::double precision) AND ((level)::text = 'CRITICAL'::text)));

CREATE INDEX routing_decision_alert_id_22409fd4 ON public.routing_decision USING btree (alert_id);

CREATE INDEX routing_decision_day ON public.routing_decision USING btree (decided_at);

CREATE INDEX routing_decision_recent ON public.routing_decision USING btree (id DESC);

CREATE INDEX routing_decision_route_id_c8fd926a ON public.routing_decision USING btree (route_id);

CREATE INDEX routing_route_channel_channel_id_0b5bf264 ON public.routing_route_channel USING btree (channel_id);

CREATE INDEX routing_route_channel_route_id_61a8431c ON public.routing_route_channel USING btree (route_id);

CREATE INDEX routing_route_name_cffd7ecb_like ON public.routing_route USING btree (name varchar_pattern_ops);

CREATE INDEX rules_episode_found ON public.rules_episode USING btree (rule_version_id, found_at);

CREATE INDEX rules_episode_model ON public.rules_episode USING btree (model_id, category, began_at);

CREATE INDEX rules_episode_open ON public.rules_episode USING btree (model_id, environment) WHERE (cleared_at IS NULL);

CREATE INDEX rules_episode_recent ON public.rules_episode USING btree (rule_version_id, model_id, cleared_at);

CREATE INDEX rules_evaluation_model ON public.rules_evaluation USING btree (model_id, id DESC);

CREATE INDEX rules_evaluation_version ON public.rules_evaluation USING btree (rule_version_id, id DESC);

CREATE INDEX rules_rule_slug_3570bc3c_like ON public.rules_rule USING btree (slug varchar_pattern_ops);

CREATE INDEX rules_series_firing ON public.rules_series_state USING btree (model_id) WHERE firing;

CREATE INDEX rules_series_model ON public.rules_series_state USING btree (model_id, environment);

CREATE INDEX rules_version_author_id_d1bc9363 ON public.rules_version USING btree (author_id);

CREATE UNIQUE INDEX scoring_control_one_open ON public.scoring_control USING btree (scope, scope_id) WHERE (resumed_at IS NULL);

CREATE INDEX scoring_control_paused_by_id_7156d28d ON public.scoring_control USING btree (paused_by_id);

CREATE INDEX scoring_control_resumed_by_id_fc7cc505 ON public.scoring_control USING btree (resumed_by_id);

CREATE INDEX scoring_posture_formula_version_id_a080e7f5 ON public.scoring_posture USING btree (formula_version_id);

CREATE INDEX scoring_posture_history ON public.scoring_posture_change USING btree (model_id, changed_at DESC, id DESC) INCLUDE (level, in_the_red, quiet, health, risk_score, room);

CREATE INDEX scoring_posture_red ON public.scoring_posture USING btree (model_id) WHERE in_the_red;

CREATE INDEX scoring_posture_room ON public.scoring_posture USING btree (room);

CREATE INDEX scoring_posture_swept_at_1885ac30 ON public.scoring_posture USING btree (swept_at);

CREATE INDEX scoring_rule_trip_rule_version_id_fdc141f6 ON public.scoring_rule_trip USING btree (rule_version_id);

CREATE UNIQUE INDEX telemetry_alias_means_one ON public.telemetry_house_alias USING btree (source_kind, name) WHERE (ended_at IS NULL);

CREATE INDEX telemetry_drop_month ON public.telemetry_drop USING btree (sort, month);

CREATE INDEX telemetry_drop_part_drop_id_363d8f61 ON public.telemetry_drop_part USING btree (drop_id);

CREATE INDEX telemetry_drop_part_month ON public.telemetry_drop_part USING btree (model_id, width_s, month);

CREATE INDEX telemetry_drop_terms_id_6b5791c9 ON public.telemetry_drop USING btree (terms_id);

CREATE INDEX telemetry_event_held ON public.telemetry_event USING btree (source_id, id DESC) WHERE ((state)::text = ANY ((ARRAY['QUARANTINED'::character varying, 'DEAD'::character varying])::text[]));

CREATE INDEX telemetry_event_held_newest ON public.telemetry_event USING btree (id DESC) WHERE ((state)::text = ANY ((ARRAY['QUARANTINED'::character varying, 'DEAD'::character varying])::text[]));

CREATE INDEX telemetry_event_newest ON public.telemetry_event USING btree (source_id, id DESC);

CREATE INDEX telemetry_event_received ON public.telemetry_event USING brin (received_at);

CREATE INDEX telemetry_event_retried ON public.telemetry_event USING btree (not_before) WHERE ((attempts >= 1) AND ((state)::text = 'NEW'::text));

CREATE INDEX telemetry_event_waiting ON public.telemetry_event USING btree (source_id, id) WHERE ((state)::text = 'NEW'::text);

CREATE INDEX telemetry_hold_stands ON public.telemetry_legal_hold USING btree (since) WHERE (lifted_at IS NULL);

CREATE INDEX telemetry_house_alias_created_by_id_27c4e728 ON public.telemetry_house_alias USING btree (created_by_id);

CREATE INDEX telemetry_house_alias_ended_by_id_89275539 ON public.telemetry_house_alias USING btree (ended_by_id);

CREATE INDEX telemetry_house_metric_created_by_id_ced6a3a8 ON public.telemetry_house_metric USING btree (created_by_id);

CREATE INDEX telemetry_house_metric_name_53f2348b_like ON public.telemetry_house_metric USING btree (name varchar_pattern_ops);

CREATE UNIQUE INDEX telemetry_keeping_one_proposed ON public.telemetry_keeping_terms USING btree (agreed_at) NULLS NOT DISTINCT WHERE ((agreed_at IS NULL) AND (ended_at IS NULL));

CREATE INDEX telemetry_keeping_terms_agreed_by_id_a348e7c1 ON public.telemetry_keeping_terms USING btree (agreed_by_id);

CREATE INDEX telemetry_keeping_terms_ended_by_id_c127689a ON public.telemetry_keeping_terms USING btree (ended_by_id);

CREATE INDEX telemetry_keeping_terms_proposed_by_id_ae0b15b3 ON public.telemetry_keeping_terms USING btree (proposed_by_id);

CREATE INDEX telemetry_legal_hold_lifted_by_id_ce9c1c8a ON public.telemetry_legal_hold USING btree (lifted_by_id);

CREATE INDEX telemetry_legal_hold_model_id_bc70b2b3 ON public.telemetry_legal_hold USING btree (model_id);

CREATE INDEX telemetry_legal_hold_placed_by_id_df52e03f ON public.telemetry_legal_hold USING btree (placed_by_id);

CREATE INDEX telemetry_mapping_version_activated_by_id_0e471abf ON public.telemetry_mapping_version USING btree (activated_by_id);

CREATE INDEX telemetry_mapping_version_created_by_id_76a4a401 ON public.telemetry_mapping_version USING btree (created_by_id);

CREATE INDEX telemetry_measurement_event ON ONLY public.telemetry_measurement USING btree (event_id);

CREATE INDEX telemetry_measurement_default_event_id_idx ON public.telemetry_measurement_default USING btree (event_id);

CREATE INDEX telemetry_measurement_series ON ONLY public.telemetry_measurement USING btree (model_id, metric, environment, segment, observed_at);

CREATE INDEX telemetry_measurement_default_model_id_metric_environment_s_idx ON public.telemetry_measurement_default USING btree (model_id, metric, environment, segment, observed_at);

CREATE INDEX telemetry_polling_due ON public.telemetry_polling USING btree (next_at) WHERE (paused_at IS NULL);

CREATE INDEX telemetry_polling_set_by_id_c700a309 ON public.telemetry_polling USING btree (set_by_id);

CREATE INDEX telemetry_series_metric ON public.telemetry_series USING btree (metric);

CREATE UNIQUE INDEX telemetry_sighting_found_once ON public.telemetry_sighting USING btree (source_id, finding) WHERE (NOT ((finding)::text = ''::text));

CREATE UNIQUE INDEX telemetry_sighting_heard_once ON public.telemetry_sighting USING btree (source_id, delivery, key) WHERE (NOT ((delivery)::text = ''::text));

CREATE INDEX telemetry_sighting_key ON public.telemetry_sighting USING btree (source_id, key);

CREATE INDEX telemetry_sighting_missed ON public.telemetry_sighting USING btree (source_id, found_at DESC) WHERE (heard_at IS NULL);

CREATE INDEX telemetry_source_created_by_id_a9a28c25 ON public.telemetry_source USING btree (created_by_id);

CREATE INDEX telemetry_source_path_token_b4bd9f8c_like ON public.telemetry_source USING btree (path_token varchar_pattern_ops);

CREATE INDEX telemetry_source_slug_5df5adec_like ON public.telemetry_source USING btree (slug varchar_pattern_ops);

CREATE UNIQUE INDEX unique_authenticator_type ON public.mfa_authenticator USING btree (user_id, type) WHERE ((type)::text = ANY ((ARRAY['totp'::character varying, 'recovery_codes'::character varying])::text[]));

CREATE UNIQUE INDEX unique_primary_email ON public.account_emailaddress USING btree (user_id, "primary") WHERE "primary";

CREATE UNIQUE INDEX unique_verified_email ON public.account_emailaddress USING btree (email) WHERE verified;

CREATE INDEX usersessions_usersession_session_key_fd35de43_like ON public.usersessions_usersession USING btree (session_key varchar_pattern_ops);

CREATE INDEX usersessions_usersession_user_id_af5e0a6d ON public.usersessions_usersession USING btree (user_id);

CREATE INDEX vault_sealed_secret_owner_13d4ee5c_like ON public.vault_sealed_secret USING btree (owner varchar_pattern_ops);

ALTER INDEX public.telemetry_measurement_event ATTACH PARTITION public.telemetry_measurement_default_event_id_idx;

ALTER INDEX public.telemetry_measurement_series ATTACH PARTITION public.telemetry_measurement_default_model_id_metric_environment_s_idx;

ALTER INDEX public.telemetry_measurement_pkey ATTACH PARTITION public.telemetry_measurement_default_pkey;

CREATE CONSTRAINT TRIGGER access_role_grant_audit_changed AFTER UPDATE ON public.access_role_grant DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER access_role_grant_audit_inserted AFTER INSERT ON public.access_role_grant DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER access_role_grant_audit_removed AFTER DELETE ON public.access_role_grant DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER access_saved_view_audit_changed AFTER UPDATE ON public.access_saved_view DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER access_saved_view_audit_inserted AFTER INSERT ON public.access_saved_view DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER access_saved_view_audit_removed AFTER DELETE ON public.access_saved_view DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER access_token_audit_changed AFTER UPDATE ON public.access_token DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((((((old.account_id IS DISTINCT FROM new.account_id) OR ((old.name)::text IS DISTINCT FROM (new.name)::text)) OR (old.digest IS DISTINCT FROM new.digest)) OR (old.scopes IS DISTINCT FROM new.scopes)) OR (old.expires_at IS DISTINCT FROM new.expires_at)) OR (old.revoked_at IS DISTINCT FROM new.revoked_at))) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER access_token_audit_inserted AFTER INSERT ON public.access_token DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER access_token_audit_removed AFTER DELETE ON public.access_token DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER approvals_request_audit_changed AFTER UPDATE ON public.approvals_request DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER approvals_request_audit_inserted AFTER INSERT ON public.approvals_request DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER approvals_request_audit_removed AFTER DELETE ON public.approvals_request DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE TRIGGER approvals_vote_append_only BEFORE DELETE OR UPDATE ON public.approvals_vote FOR EACH ROW EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER approvals_vote_no_truncate BEFORE TRUNCATE ON public.approvals_vote FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER approvals_vote_not_own BEFORE INSERT OR UPDATE ON public.approvals_vote FOR EACH ROW EXECUTE FUNCTION public.approvals_refuse_own_vote();

CREATE TRIGGER audit_entry_append_only BEFORE DELETE OR UPDATE ON public.audit_entry FOR EACH ROW EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON public.audit_entry FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER audit_entry_seal BEFORE INSERT ON public.audit_entry FOR EACH ROW EXECUTE FUNCTION public.audit_seal_entry();

CREATE CONSTRAINT TRIGGER catalog_alias_audit_changed AFTER UPDATE ON public.catalog_alias DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER catalog_alias_audit_inserted AFTER INSERT ON public.catalog_alias DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER catalog_alias_audit_removed AFTER DELETE ON public.catalog_alias DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE TRIGGER catalog_alias_move_append_only BEFORE DELETE OR UPDATE ON public.catalog_alias_move FOR EACH ROW EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER catalog_alias_move_no_truncate BEFORE TRUNCATE ON public.catalog_alias_move FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();

CREATE CONSTRAINT TRIGGER catalog_alias_protection_audit_changed AFTER UPDATE ON public.catalog_alias_protection DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER catalog_alias_protection_audit_inserted AFTER INSERT ON public.catalog_alias_protection DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER catalog_alias_protection_audit_removed AFTER DELETE ON public.catalog_alias_protection DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE TRIGGER catalog_card_text_append_only BEFORE DELETE OR UPDATE ON public.catalog_card_text FOR EACH ROW EXECUTE FUNCTION public.audit_refuse_change();

CREATE CONSTRAINT TRIGGER catalog_card_text_audit_changed AFTER UPDATE ON public.catalog_card_text DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER catalog_card_text_audit_inserted AFTER INSERT ON public.catalog_card_text DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER catalog_card_text_audit_removed AFTER DELETE ON public.catalog_card_text DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE TRIGGER catalog_card_text_no_truncate BEFORE TRUNCATE ON public.catalog_card_text FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER catalog_issued_card_append_only BEFORE DELETE OR UPDATE ON public.catalog_issued_card FOR EACH ROW EXECUTE FUNCTION public.audit_refuse_change();

CREATE CONSTRAINT TRIGGER catalog_issued_card_audit_changed AFTER UPDATE ON public.catalog_issued_card DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER catalog_issued_card_audit_inserted AFTER INSERT ON public.catalog_issued_card DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER catalog_issued_card_audit_removed AFTER DELETE ON public.catalog_issued_card DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE TRIGGER catalog_issued_card_no_truncate BEFORE TRUNCATE ON public.catalog_issued_card FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();

CREATE CONSTRAINT TRIGGER catalog_model_audit_changed AFTER UPDATE ON public.catalog_model DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER catalog_model_audit_inserted AFTER INSERT ON public.catalog_model DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER catalog_model_audit_removed AFTER DELETE ON public.catalog_model DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER catalog_run_audit_changed AFTER UPDATE ON public.catalog_run DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.version_id IS DISTINCT FROM new.version_id)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER catalog_run_audit_inserted AFTER INSERT ON public.catalog_run DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER catalog_run_audit_removed AFTER DELETE ON public.catalog_run DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE TRIGGER catalog_stage_move_append_only BEFORE DELETE OR UPDATE ON public.catalog_stage_move FOR EACH ROW EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER catalog_stage_move_model BEFORE INSERT ON public.catalog_stage_move FOR EACH ROW EXECUTE FUNCTION public.catalog_stage_move_model();

CREATE TRIGGER catalog_stage_move_no_truncate BEFORE TRUNCATE ON public.catalog_stage_move FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();

CREATE CONSTRAINT TRIGGER catalog_sweep_audit_changed AFTER UPDATE ON public.catalog_sweep DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER catalog_sweep_audit_inserted AFTER INSERT ON public.catalog_sweep DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER catalog_sweep_audit_removed AFTER DELETE ON public.catalog_sweep DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE TRIGGER catalog_validation_append_only BEFORE DELETE OR UPDATE ON public.catalog_validation FOR EACH ROW EXECUTE FUNCTION public.audit_refuse_change();

CREATE CONSTRAINT TRIGGER catalog_validation_audit_changed AFTER UPDATE ON public.catalog_validation DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER catalog_validation_audit_inserted AFTER INSERT ON public.catalog_validation DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER catalog_validation_audit_removed AFTER DELETE ON public.catalog_validation DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE TRIGGER catalog_validation_no_truncate BEFORE TRUNCATE ON public.catalog_validation FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER catalog_validation_result_append_only BEFORE DELETE OR UPDATE ON public.catalog_validation_result FOR EACH ROW EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER catalog_validation_result_no_truncate BEFORE TRUNCATE ON public.catalog_validation_result FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();

CREATE CONSTRAINT TRIGGER catalog_version_audit_changed AFTER UPDATE ON public.catalog_version DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((((((old.model_id IS DISTINCT FROM new.model_id) OR (old.number IS DISTINCT FROM new.number)) OR ((old.artifact_digest)::text IS DISTINCT FROM (new.artifact_digest)::text)) OR ((old.source_uri)::text IS DISTINCT FROM (new.source_uri)::text)) OR (old.description IS DISTINCT FROM new.description)) OR ((old.stage)::text IS DISTINCT FROM (new.stage)::text))) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER catalog_version_audit_inserted AFTER INSERT ON public.catalog_version DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER catalog_version_audit_removed AFTER DELETE ON public.catalog_version DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER catalog_version_registry_audit_changed AFTER UPDATE ON public.catalog_version DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((((((old.registry_tags IS DISTINCT FROM new.registry_tags) OR ((old.run_id)::text IS DISTINCT FROM (new.run_id)::text)) OR ((old.run_link)::text IS DISTINCT FROM (new.run_link)::text)) OR ((old.logged_model_id)::text IS DISTINCT FROM (new.logged_model_id)::text)) OR ((old.download_uri)::text IS DISTINCT FROM (new.download_uri)::text)) OR (old.withdrawn_at IS DISTINCT FROM new.withdrawn_at))) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER costs_budget_audit_changed AFTER UPDATE ON public.costs_budget DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER costs_budget_audit_inserted AFTER INSERT ON public.costs_budget DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER costs_budget_audit_removed AFTER DELETE ON public.costs_budget DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER costs_import_audit_changed AFTER UPDATE ON public.costs_import DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((((old.state)::text IS DISTINCT FROM (new.state)::text) OR (old.round IS DISTINCT FROM new.round))) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER costs_import_audit_inserted AFTER INSERT ON public.costs_import DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((new.state)::text <> 'PREVIEWED'::text)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER costs_import_audit_removed AFTER DELETE ON public.costs_import DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE TRIGGER costs_price_list_append_only BEFORE DELETE OR UPDATE ON public.costs_price_list FOR EACH ROW EXECUTE FUNCTION public.audit_refuse_change();

CREATE CONSTRAINT TRIGGER costs_price_list_audit_changed AFTER UPDATE ON public.costs_price_list DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER costs_price_list_audit_inserted AFTER INSERT ON public.costs_price_list DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER costs_price_list_audit_removed AFTER DELETE ON public.costs_price_list DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE TRIGGER costs_price_list_no_truncate BEFORE TRUNCATE ON public.costs_price_list FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER costs_rate_append_only BEFORE DELETE OR UPDATE ON public.costs_rate FOR EACH ROW EXECUTE FUNCTION public.audit_refuse_change();

CREATE CONSTRAINT TRIGGER costs_rate_audit_changed AFTER UPDATE ON public.costs_rate DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER costs_rate_audit_inserted AFTER INSERT ON public.costs_rate DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER costs_rate_audit_removed AFTER DELETE ON public.costs_rate DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE TRIGGER costs_rate_no_truncate BEFORE TRUNCATE ON public.costs_rate FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER costs_record_append_only BEFORE DELETE OR UPDATE ON public.costs_record FOR EACH ROW EXECUTE FUNCTION public.audit_refuse_change();

CREATE CONSTRAINT TRIGGER costs_record_audit_changed AFTER UPDATE ON public.costs_record DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER costs_record_audit_inserted AFTER INSERT ON public.costs_record DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER costs_record_audit_removed AFTER DELETE ON public.costs_record DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE TRIGGER costs_record_no_truncate BEFORE TRUNCATE ON public.costs_record FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER delivery_attempt_append_only BEFORE DELETE OR UPDATE ON public.delivery_attempt FOR EACH ROW EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER delivery_attempt_no_truncate BEFORE TRUNCATE ON public.delivery_attempt FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();

CREATE CONSTRAINT TRIGGER gates_decision_audit_changed AFTER UPDATE ON public.gates_decision DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER gates_decision_audit_inserted AFTER INSERT ON public.gates_decision DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER gates_decision_audit_removed AFTER DELETE ON public.gates_decision DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE TRIGGER health_formula_named BEFORE UPDATE ON public.health_formula FOR EACH ROW WHEN (((old.slug)::text IS DISTINCT FROM (new.slug)::text)) EXECUTE FUNCTION public.rules_refuse_renaming();

CREATE CONSTRAINT TRIGGER health_formula_version_audit_changed AFTER UPDATE ON public.health_formula_version DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER health_formula_version_audit_inserted AFTER INSERT ON public.health_formula_version DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER health_formula_version_audit_removed AFTER DELETE ON public.health_formula_version DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE TRIGGER health_formula_version_settled BEFORE UPDATE ON public.health_formula_version FOR EACH ROW WHEN (((((old.formula_id IS DISTINCT FROM new.formula_id) OR (old.number IS DISTINCT FROM new.number)) OR (old.author_id IS DISTINCT FROM new.author_id)) OR (((old.state)::text <> 'DRAFT'::text) AND ((old.text IS DISTINCT FROM new.text) OR ((old.digest)::text IS DISTINCT FROM (new.digest)::text))) OR (((old.state)::text <> 'DRAFT'::text) AND ((new.state)::text = 'DRAFT'::text)))) EXECUTE FUNCTION public.rules_refuse_rewriting();

CREATE TRIGGER health_score_append_only BEFORE DELETE OR UPDATE ON public.health_score FOR EACH ROW EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER health_score_no_truncate BEFORE TRUNCATE ON public.health_score FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER inbox_annotation_append_only BEFORE DELETE OR UPDATE ON public.inbox_annotation FOR EACH ROW EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER inbox_annotation_no_truncate BEFORE TRUNCATE ON public.inbox_annotation FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();

CREATE CONSTRAINT TRIGGER intake_import_audit_changed AFTER UPDATE ON public.intake_import DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((((old.digest)::text IS DISTINCT FROM (new.digest)::text) OR (old.applied_at IS DISTINCT FROM new.applied_at)) OR (old.undone_at IS DISTINCT FROM new.undone_at))) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER intake_import_audit_inserted AFTER INSERT ON public.intake_import DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.applied_at IS NOT NULL)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER intake_import_audit_removed AFTER DELETE ON public.intake_import DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER lineage_artifact_audit_changed AFTER UPDATE ON public.lineage_artifact DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER lineage_artifact_audit_inserted AFTER INSERT ON public.lineage_artifact DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER lineage_artifact_audit_removed AFTER DELETE ON public.lineage_artifact DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER lineage_artifact_version_audit_changed AFTER UPDATE ON public.lineage_artifact_version DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER lineage_artifact_version_audit_inserted AFTER INSERT ON public.lineage_artifact_version DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER lineage_artifact_version_audit_removed AFTER DELETE ON public.lineage_artifact_version DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER lineage_edge_audit_changed AFTER UPDATE ON public.lineage_edge DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER lineage_edge_audit_inserted AFTER INSERT ON public.lineage_edge DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER lineage_edge_audit_removed AFTER DELETE ON public.lineage_edge DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE TRIGGER lineage_edge_ends BEFORE INSERT ON public.lineage_edge FOR EACH ROW EXECUTE FUNCTION public.lineage_edge_ends();

CREATE TRIGGER lineage_fact_append_only BEFORE DELETE OR UPDATE ON public.lineage_fact FOR EACH ROW EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER lineage_fact_no_truncate BEFORE TRUNCATE ON public.lineage_fact FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER lineage_prediction_settled BEFORE DELETE OR UPDATE ON public.lineage_prediction FOR EACH ROW EXECUTE FUNCTION public.lineage_prediction_settled();

CREATE CONSTRAINT TRIGGER lineage_prediction_terms_audit_changed AFTER UPDATE ON public.lineage_prediction_terms DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER lineage_prediction_terms_audit_inserted AFTER INSERT ON public.lineage_prediction_terms DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER lineage_prediction_terms_audit_removed AFTER DELETE ON public.lineage_prediction_terms DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER outside_violation_audit_changed AFTER UPDATE ON public.outside_violation DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((((((old.model_id IS DISTINCT FROM new.model_id) OR (old.placement_id IS DISTINCT FROM new.placement_id)) OR (old.ended_at IS DISTINCT FROM new.ended_at)) OR ((old.ending)::text IS DISTINCT FROM (new.ending)::text)) OR (old.answered_at IS DISTINCT FROM new.answered_at)) OR (old.answer IS DISTINCT FROM new.answer))) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER outside_violation_audit_inserted AFTER INSERT ON public.outside_violation DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER outside_violation_audit_removed AFTER DELETE ON public.outside_violation DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER registryhooks_webhook_audit_changed AFTER UPDATE ON public.registryhooks_webhook DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER registryhooks_webhook_audit_inserted AFTER INSERT ON public.registryhooks_webhook DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER registryhooks_webhook_audit_removed AFTER DELETE ON public.registryhooks_webhook DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER risks_acceptance_audit_changed AFTER UPDATE ON public.risks_acceptance DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER risks_acceptance_audit_inserted AFTER INSERT ON public.risks_acceptance DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER risks_acceptance_audit_removed AFTER DELETE ON public.risks_acceptance DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE TRIGGER risks_acknowledgement_append_only BEFORE DELETE OR UPDATE ON public.risks_acknowledgement FOR EACH ROW EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER risks_acknowledgement_no_truncate BEFORE TRUNCATE ON public.risks_acknowledgement FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER risks_assessment_append_only BEFORE DELETE OR UPDATE ON public.risks_assessment FOR EACH ROW EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER risks_assessment_no_truncate BEFORE TRUNCATE ON public.risks_assessment FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER risks_change_append_only BEFORE DELETE OR UPDATE ON public.risks_change FOR EACH ROW EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER risks_change_no_truncate BEFORE TRUNCATE ON public.risks_change FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();

CREATE CONSTRAINT TRIGGER risks_plan_audit_changed AFTER UPDATE ON public.risks_plan DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER risks_plan_audit_inserted AFTER INSERT ON public.risks_plan DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER risks_plan_audit_removed AFTER DELETE ON public.risks_plan DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE TRIGGER risks_release_append_only BEFORE DELETE OR UPDATE ON public.risks_release FOR EACH ROW EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER risks_release_no_truncate BEFORE TRUNCATE ON public.risks_release FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();

CREATE CONSTRAINT TRIGGER risks_risk_audit_changed AFTER UPDATE ON public.risks_risk DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((((((((((old.model_id IS DISTINCT FROM new.model_id) OR ((old.category)::text IS DISTINCT FROM (new.category)::text)) OR (old.inherent_likelihood IS DISTINCT FROM new.inherent_likelihood)) OR (old.inherent_impact IS DISTINCT FROM new.inherent_impact)) OR (old.baseline_likelihood IS DISTINCT FROM new.baseline_likelihood)) OR (old.baseline_impact IS DISTINCT FROM new.baseline_impact)) OR ((old.target_level)::text IS DISTINCT FROM (new.target_level)::text)) OR ((old.level)::text IS DISTINCT FROM (new.level)::text)) OR ((old.state)::text IS DISTINCT FROM (new.state)::text)) OR (old.disputed IS DISTINCT FROM new.disputed))) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER risks_risk_audit_inserted AFTER INSERT ON public.risks_risk DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((new.level)::text <> 'LOW'::text)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER risks_risk_audit_removed AFTER DELETE ON public.risks_risk DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE TRIGGER routing_decision_append_only BEFORE DELETE OR UPDATE ON public.routing_decision FOR EACH ROW EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER routing_decision_no_truncate BEFORE TRUNCATE ON public.routing_decision FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER rules_evaluation_append_only BEFORE DELETE OR UPDATE ON public.rules_evaluation FOR EACH ROW EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER rules_evaluation_no_truncate BEFORE TRUNCATE ON public.rules_evaluation FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER rules_rule_named BEFORE UPDATE ON public.rules_rule FOR EACH ROW WHEN (((old.slug)::text IS DISTINCT FROM (new.slug)::text)) EXECUTE FUNCTION public.rules_refuse_renaming();

CREATE CONSTRAINT TRIGGER rules_version_audit_changed AFTER UPDATE ON public.rules_version DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((((((old.rule_id IS DISTINCT FROM new.rule_id) OR (old.number IS DISTINCT FROM new.number)) OR (old.text IS DISTINCT FROM new.text)) OR ((old.digest)::text IS DISTINCT FROM (new.digest)::text)) OR ((old.state)::text IS DISTINCT FROM (new.state)::text)) OR (old.author_id IS DISTINCT FROM new.author_id))) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER rules_version_audit_inserted AFTER INSERT ON public.rules_version DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER rules_version_audit_removed AFTER DELETE ON public.rules_version DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE TRIGGER rules_version_settled BEFORE UPDATE ON public.rules_version FOR EACH ROW WHEN (((((old.rule_id IS DISTINCT FROM new.rule_id) OR (old.number IS DISTINCT FROM new.number)) OR (old.author_id IS DISTINCT FROM new.author_id)) OR (((old.state)::text <> 'DRAFT'::text) AND ((old.text IS DISTINCT FROM new.text) OR ((old.digest)::text IS DISTINCT FROM (new.digest)::text))) OR (((old.state)::text <> 'DRAFT'::text) AND ((new.state)::text = 'DRAFT'::text)))) EXECUTE FUNCTION public.rules_refuse_rewriting();

CREATE CONSTRAINT TRIGGER scoring_control_audit_changed AFTER UPDATE ON public.scoring_control DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER scoring_control_audit_inserted AFTER INSERT ON public.scoring_control DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER scoring_control_audit_removed AFTER DELETE ON public.scoring_control DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE TRIGGER scoring_posture_change_append_only BEFORE DELETE OR UPDATE ON public.scoring_posture_change FOR EACH ROW EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER scoring_posture_change_no_truncate BEFORE TRUNCATE ON public.scoring_posture_change FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER telemetry_drop_append_only BEFORE DELETE OR UPDATE ON public.telemetry_drop FOR EACH ROW EXECUTE FUNCTION public.audit_refuse_change();

CREATE CONSTRAINT TRIGGER telemetry_drop_audit_changed AFTER UPDATE ON public.telemetry_drop DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER telemetry_drop_audit_inserted AFTER INSERT ON public.telemetry_drop DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER telemetry_drop_audit_removed AFTER DELETE ON public.telemetry_drop DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE TRIGGER telemetry_drop_no_truncate BEFORE TRUNCATE ON public.telemetry_drop FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER telemetry_drop_part_append_only BEFORE DELETE OR UPDATE ON public.telemetry_drop_part FOR EACH ROW EXECUTE FUNCTION public.audit_refuse_change();

CREATE TRIGGER telemetry_drop_part_no_truncate BEFORE TRUNCATE ON public.telemetry_drop_part FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();

CREATE CONSTRAINT TRIGGER telemetry_house_alias_audit_changed AFTER UPDATE ON public.telemetry_house_alias DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER telemetry_house_alias_audit_inserted AFTER INSERT ON public.telemetry_house_alias DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER telemetry_house_alias_audit_removed AFTER DELETE ON public.telemetry_house_alias DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER telemetry_house_metric_audit_changed AFTER UPDATE ON public.telemetry_house_metric DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER telemetry_house_metric_audit_inserted AFTER INSERT ON public.telemetry_house_metric DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER telemetry_house_metric_audit_removed AFTER DELETE ON public.telemetry_house_metric DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER telemetry_keeping_terms_audit_changed AFTER UPDATE ON public.telemetry_keeping_terms DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER telemetry_keeping_terms_audit_inserted AFTER INSERT ON public.telemetry_keeping_terms DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER telemetry_keeping_terms_audit_removed AFTER DELETE ON public.telemetry_keeping_terms DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER telemetry_legal_hold_audit_changed AFTER UPDATE ON public.telemetry_legal_hold DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER telemetry_legal_hold_audit_inserted AFTER INSERT ON public.telemetry_legal_hold DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER telemetry_legal_hold_audit_removed AFTER DELETE ON public.telemetry_legal_hold DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER telemetry_mapping_version_audit_changed AFTER UPDATE ON public.telemetry_mapping_version DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER telemetry_mapping_version_audit_inserted AFTER INSERT ON public.telemetry_mapping_version DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER telemetry_mapping_version_audit_removed AFTER DELETE ON public.telemetry_mapping_version DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER telemetry_source_audit_changed AFTER UPDATE ON public.telemetry_source DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER telemetry_source_audit_inserted AFTER INSERT ON public.telemetry_source DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

CREATE CONSTRAINT TRIGGER telemetry_source_audit_removed AFTER DELETE ON public.telemetry_source DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_required();

ALTER TABLE ONLY public.access_account_groups
    ADD CONSTRAINT access_account_groups_account_id_a8efab85_fk_access_account_id FOREIGN KEY (account_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.access_account_groups
    ADD CONSTRAINT access_account_groups_group_id_5a53115f_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.access_account
    ADD CONSTRAINT access_account_team_id_79c1e13f_fk_access_team_id FOREIGN KEY (team_id) REFERENCES public.access_team(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.access_account
    ADD CONSTRAINT access_account_unit_id_421519c6_fk_access_unit_id FOREIGN KEY (unit_id) REFERENCES public.access_unit(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.access_account_user_permissions
    ADD CONSTRAINT access_account_user__account_id_7eeff073_fk_access_ac FOREIGN KEY (account_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.access_account_user_permissions
    ADD CONSTRAINT access_account_user__permission_id_56434d76_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.access_idempotent_request
    ADD CONSTRAINT access_idempotent_re_account_id_a9848a5b_fk_access_ac FOREIGN KEY (account_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.access_one_time_link
    ADD CONSTRAINT access_one_time_link_account_id_d570702a_fk_access_account_id FOREIGN KEY (account_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.access_role_grant
    ADD CONSTRAINT access_role_grant_account_id_b3a041c9_fk_access_account_id FOREIGN KEY (account_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.access_role_grant
    ADD CONSTRAINT access_role_grant_granted_by_id_b23181d4_fk_access_account_id FOREIGN KEY (granted_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.access_role_grant
    ADD CONSTRAINT access_role_grant_unit_id_7ab9d9c5_fk_access_unit_id FOREIGN KEY (unit_id) REFERENCES public.access_unit(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.access_saved_view
    ADD CONSTRAINT access_saved_view_owner_id_622708a8_fk_access_account_id FOREIGN KEY (owner_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.access_team
    ADD CONSTRAINT access_team_unit_id_7cfbfcc4_fk_access_unit_id FOREIGN KEY (unit_id) REFERENCES public.access_unit(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.access_token
    ADD CONSTRAINT access_token_account_id_bf4bd1f9_fk_access_account_id FOREIGN KEY (account_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.access_token
    ADD CONSTRAINT access_token_issued_by_id_b5ecbb34_fk_access_account_id FOREIGN KEY (issued_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_user_id_2c513194_fk_access_account_id FOREIGN KEY (user_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirm_email_address_id_5b7f8c58_fk_account_e FOREIGN KEY (email_address_id) REFERENCES public.account_emailaddress(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.approvals_request
    ADD CONSTRAINT approvals_request_model_id_0f462223_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.approvals_request
    ADD CONSTRAINT approvals_request_requested_by_id_b331a62e_fk_access_account_id FOREIGN KEY (requested_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.approvals_vote
    ADD CONSTRAINT approvals_vote_request_id_29309b26_fk_approvals_request_id FOREIGN KEY (request_id) REFERENCES public.approvals_request(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.approvals_vote
    ADD CONSTRAINT approvals_vote_voter_id_c7a893c8_fk_access_account_id FOREIGN KEY (voter_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissio_permission_id_84c5c92e_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_b120cbf9_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_2f476e4b_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.backfills_backfill
    ADD CONSTRAINT backfills_backfill_created_by_id_e8e35e0b_fk_access_account_id FOREIGN KEY (created_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.backfills_backfill
    ADD CONSTRAINT backfills_backfill_source_id_c8c95503_fk_telemetry_source_id FOREIGN KEY (source_id) REFERENCES public.telemetry_source(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.backfills_batch
    ADD CONSTRAINT backfills_batch_backfill_id_1d0eedaa_fk_backfills_backfill_id FOREIGN KEY (backfill_id) REFERENCES public.backfills_backfill(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.backfills_batch
    ADD CONSTRAINT backfills_batch_event_id_682c32e7_fk_telemetry_event_id FOREIGN KEY (event_id) REFERENCES public.telemetry_event(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.backfills_finding
    ADD CONSTRAINT backfills_finding_backfill_id_67e7f6d5_fk_backfills_backfill_id FOREIGN KEY (backfill_id) REFERENCES public.backfills_backfill(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.backfills_late_evidence
    ADD CONSTRAINT backfills_late_evidence_model_id_7503f275_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.backfills_piece
    ADD CONSTRAINT backfills_piece_backfill_id_8877e032_fk_backfills_backfill_id FOREIGN KEY (backfill_id) REFERENCES public.backfills_backfill(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_alias
    ADD CONSTRAINT catalog_alias_model_id_307e9d55_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_alias_move
    ADD CONSTRAINT catalog_alias_move_clearance_id_e4f3cf89_fk_catalog_c FOREIGN KEY (clearance_id) REFERENCES public.catalog_clearance(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_alias_move
    ADD CONSTRAINT catalog_alias_move_model_id_4ebb3a88_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_alias_move
    ADD CONSTRAINT catalog_alias_move_moved_by_id_94e819f6_fk_access_account_id FOREIGN KEY (moved_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_alias_move
    ADD CONSTRAINT catalog_alias_move_version_id_32a78b39_fk_catalog_version_id FOREIGN KEY (version_id) REFERENCES public.catalog_version(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_alias_mover
    ADD CONSTRAINT catalog_alias_mover_account_id_76d2beb4_fk_access_account_id FOREIGN KEY (account_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_alias_mover
    ADD CONSTRAINT catalog_alias_mover_aliasprotection_id_dfdc1c7d_fk_catalog_a FOREIGN KEY (aliasprotection_id) REFERENCES public.catalog_alias_protection(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_alias_protection
    ADD CONSTRAINT catalog_alias_protec_protected_by_id_ab3357d7_fk_access_ac FOREIGN KEY (protected_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_alias_protection
    ADD CONSTRAINT catalog_alias_protection_model_id_bd033f3f_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_alias
    ADD CONSTRAINT catalog_alias_version_id_c8978352_fk_catalog_version_id FOREIGN KEY (version_id) REFERENCES public.catalog_version(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_card_text
    ADD CONSTRAINT catalog_card_text_model_id_342d2dfd_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_card_text
    ADD CONSTRAINT catalog_card_text_written_by_id_65581e73_fk_access_account_id FOREIGN KEY (written_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_clearance
    ADD CONSTRAINT catalog_clearance_version_id_6b0a4d74_fk_catalog_version_id FOREIGN KEY (version_id) REFERENCES public.catalog_version(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_external_name
    ADD CONSTRAINT catalog_external_name_model_id_e1f55fd2_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_issued_card
    ADD CONSTRAINT catalog_issued_card_issued_by_id_2b60e0b6_fk_access_account_id FOREIGN KEY (issued_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_issued_card
    ADD CONSTRAINT catalog_issued_card_model_id_17ac5c99_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_model
    ADD CONSTRAINT catalog_model_deputy_id_1369c30c_fk_access_account_id FOREIGN KEY (deputy_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_model_grant
    ADD CONSTRAINT catalog_model_grant_content_object_id_1fa64c4d_fk_catalog_m FOREIGN KEY (content_object_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_model_grant
    ADD CONSTRAINT catalog_model_grant_permission_id_e69dfb89_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_model_grant
    ADD CONSTRAINT catalog_model_grant_user_id_340623a6_fk_access_account_id FOREIGN KEY (user_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_model
    ADD CONSTRAINT catalog_model_owner_id_2905a772_fk_access_account_id FOREIGN KEY (owner_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_model
    ADD CONSTRAINT catalog_model_registered_by_id_8af1a1e2_fk_access_account_id FOREIGN KEY (registered_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_model
    ADD CONSTRAINT catalog_model_team_id_2c1d5e9c_fk_access_team_id FOREIGN KEY (team_id) REFERENCES public.access_team(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_model
    ADD CONSTRAINT catalog_model_unit_id_b79ba226_fk_access_unit_id FOREIGN KEY (unit_id) REFERENCES public.access_unit(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_run
    ADD CONSTRAINT catalog_run_linked_by_id_a03f6f64_fk_access_account_id FOREIGN KEY (linked_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_run
    ADD CONSTRAINT catalog_run_model_id_0dd49055_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_run
    ADD CONSTRAINT catalog_run_recorded_by_id_8981585e_fk_access_account_id FOREIGN KEY (recorded_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_run
    ADD CONSTRAINT catalog_run_sweep_id_756f9d6c_fk_catalog_sweep_id FOREIGN KEY (sweep_id) REFERENCES public.catalog_sweep(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_run
    ADD CONSTRAINT catalog_run_version_id_fdb8a049_fk_catalog_version_id FOREIGN KEY (version_id) REFERENCES public.catalog_version(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_stage_move
    ADD CONSTRAINT catalog_stage_move_clearance_id_840eeb5e_fk_catalog_c FOREIGN KEY (clearance_id) REFERENCES public.catalog_clearance(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_stage_move
    ADD CONSTRAINT catalog_stage_move_model_id_25d0ce5a_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_stage_move
    ADD CONSTRAINT catalog_stage_move_moved_by_id_0378ebc0_fk_access_account_id FOREIGN KEY (moved_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_stage_move
    ADD CONSTRAINT catalog_stage_move_version_id_6ba00ace_fk_catalog_version_id FOREIGN KEY (version_id) REFERENCES public.catalog_version(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_sweep
    ADD CONSTRAINT catalog_sweep_model_id_7ab1b0d3_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_sweep
    ADD CONSTRAINT catalog_sweep_recorded_by_id_579d8aa2_fk_access_account_id FOREIGN KEY (recorded_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_validation_result
    ADD CONSTRAINT catalog_validation_r_validation_id_786bbc3c_fk_catalog_v FOREIGN KEY (validation_id) REFERENCES public.catalog_validation(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_validation
    ADD CONSTRAINT catalog_validation_recorded_by_id_26977cc9_fk_access_account_id FOREIGN KEY (recorded_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_validation
    ADD CONSTRAINT catalog_validation_version_id_c7654a34_fk_catalog_version_id FOREIGN KEY (version_id) REFERENCES public.catalog_version(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_version
    ADD CONSTRAINT catalog_version_created_by_id_f739e010_fk_access_account_id FOREIGN KEY (created_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.catalog_version
    ADD CONSTRAINT catalog_version_model_id_26d0746a_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.costs_budget
    ADD CONSTRAINT costs_budget_created_by_id_ecdba9f5_fk_access_account_id FOREIGN KEY (created_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.costs_budget
    ADD CONSTRAINT costs_budget_model_id_325a971e_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.costs_budget_status
    ADD CONSTRAINT costs_budget_status_answering_id_322f0b07_fk_catalog_model_id FOREIGN KEY (answering_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.costs_budget_status
    ADD CONSTRAINT costs_budget_status_budget_id_e66e899a_fk_costs_budget_id FOREIGN KEY (budget_id) REFERENCES public.costs_budget(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.costs_budget
    ADD CONSTRAINT costs_budget_team_id_81946664_fk_access_team_id FOREIGN KEY (team_id) REFERENCES public.access_team(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.costs_budget
    ADD CONSTRAINT costs_budget_unit_id_d8b8acba_fk_access_unit_id FOREIGN KEY (unit_id) REFERENCES public.access_unit(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.costs_daily
    ADD CONSTRAINT costs_daily_model_id_cea48e96_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.costs_daily
    ADD CONSTRAINT costs_daily_team_id_0137ee9c_fk_access_team_id FOREIGN KEY (team_id) REFERENCES public.access_team(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.costs_daily
    ADD CONSTRAINT costs_daily_unit_id_183d6030_fk_access_unit_id FOREIGN KEY (unit_id) REFERENCES public.access_unit(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.costs_daily
    ADD CONSTRAINT costs_daily_version_id_5133b43e_fk_catalog_version_id FOREIGN KEY (version_id) REFERENCES public.catalog_version(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.costs_import
    ADD CONSTRAINT costs_import_imported_by_id_65636ea3_fk_access_account_id FOREIGN KEY (imported_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.costs_import
    ADD CONSTRAINT costs_import_undone_by_id_d83a6100_fk_access_account_id FOREIGN KEY (undone_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.costs_import
    ADD CONSTRAINT costs_import_uploaded_by_id_4dd8657b_fk_access_account_id FOREIGN KEY (uploaded_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.costs_price_list
    ADD CONSTRAINT costs_price_list_entered_by_id_dcf5e46c_fk_access_account_id FOREIGN KEY (entered_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.costs_rate
    ADD CONSTRAINT costs_rate_entered_by_id_fe362225_fk_access_account_id FOREIGN KEY (entered_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.costs_record
    ADD CONSTRAINT costs_record_compensates_id_8fe05e57_fk_costs_record_id FOREIGN KEY (compensates_id) REFERENCES public.costs_record(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.costs_record
    ADD CONSTRAINT costs_record_model_id_f39cba55_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.costs_record
    ADD CONSTRAINT costs_record_recorded_by_id_2bac53e1_fk_access_account_id FOREIGN KEY (recorded_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.costs_record
    ADD CONSTRAINT costs_record_source_id_cffc0a55_fk_costs_import_id FOREIGN KEY (source_id) REFERENCES public.costs_import(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.costs_record
    ADD CONSTRAINT costs_record_team_id_fae48d77_fk_access_team_id FOREIGN KEY (team_id) REFERENCES public.access_team(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.costs_record
    ADD CONSTRAINT costs_record_unit_id_aebf363c_fk_access_unit_id FOREIGN KEY (unit_id) REFERENCES public.access_unit(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.costs_record
    ADD CONSTRAINT costs_record_version_id_3c6bf435_fk_catalog_version_id FOREIGN KEY (version_id) REFERENCES public.catalog_version(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.delivery_attempt
    ADD CONSTRAINT delivery_attempt_notification_id_90512711_fk_delivery_ FOREIGN KEY (notification_id) REFERENCES public.delivery_notification(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.delivery_notification
    ADD CONSTRAINT delivery_notificatio_channel_id_d444ec56_fk_delivery_ FOREIGN KEY (channel_id) REFERENCES public.delivery_channel(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.delivery_notification
    ADD CONSTRAINT delivery_notificatio_recipient_id_799229a7_fk_access_ac FOREIGN KEY (recipient_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.delivery_notification
    ADD CONSTRAINT delivery_notification_alert_id_85eadafa_fk_inbox_alert_id FOREIGN KEY (alert_id) REFERENCES public.inbox_alert(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.gates_decision
    ADD CONSTRAINT gates_decision_requested_by_id_01943a78_fk_access_account_id FOREIGN KEY (requested_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.gates_decision
    ADD CONSTRAINT gates_decision_version_id_6f9bd518_fk_catalog_version_id FOREIGN KEY (version_id) REFERENCES public.catalog_version(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.guardian_groupobjectpermission
    ADD CONSTRAINT guardian_groupobject_content_type_id_7ade36b8_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.guardian_groupobjectpermission
    ADD CONSTRAINT guardian_groupobject_group_id_4bbbfb62_fk_auth_grou FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.guardian_groupobjectpermission
    ADD CONSTRAINT guardian_groupobject_permission_id_36572738_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.guardian_userobjectpermission
    ADD CONSTRAINT guardian_userobjectp_content_type_id_2e892405_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.guardian_userobjectpermission
    ADD CONSTRAINT guardian_userobjectp_permission_id_71807bfc_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.guardian_userobjectpermission
    ADD CONSTRAINT guardian_userobjectp_user_id_d5c1e964_fk_access_ac FOREIGN KEY (user_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.health_formula_version
    ADD CONSTRAINT health_formula_version_author_id_109e1722_fk_access_account_id FOREIGN KEY (author_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.health_formula_version
    ADD CONSTRAINT health_formula_version_formula_id_63e8c86b_fk_health_formula_id FOREIGN KEY (formula_id) REFERENCES public.health_formula(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.health_score
    ADD CONSTRAINT health_score_formula_version_id_5883718d_fk_health_fo FOREIGN KEY (formula_version_id) REFERENCES public.health_formula_version(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.health_score
    ADD CONSTRAINT health_score_model_id_797fc7ea_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.inbox_alert
    ADD CONSTRAINT inbox_alert_acknowledged_by_id_ed8d6c83_fk_access_account_id FOREIGN KEY (acknowledged_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.inbox_alert
    ADD CONSTRAINT inbox_alert_model_id_e736cb8a_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.inbox_annotation
    ADD CONSTRAINT inbox_annotation_alert_id_91f951e9_fk_inbox_alert_id FOREIGN KEY (alert_id) REFERENCES public.inbox_alert(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.inbox_annotation
    ADD CONSTRAINT inbox_annotation_by_id_97fab3a0_fk_access_account_id FOREIGN KEY (by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.inbox_snooze
    ADD CONSTRAINT inbox_snooze_alert_id_6e320bf5_fk_inbox_alert_id FOREIGN KEY (alert_id) REFERENCES public.inbox_alert(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.inbox_snooze
    ADD CONSTRAINT inbox_snooze_by_id_6ab505fa_fk_access_account_id FOREIGN KEY (by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.intake_import
    ADD CONSTRAINT intake_import_applied_by_id_b449426f_fk_access_account_id FOREIGN KEY (applied_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.intake_import
    ADD CONSTRAINT intake_import_undone_by_id_6d3164eb_fk_access_account_id FOREIGN KEY (undone_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.intake_import
    ADD CONSTRAINT intake_import_uploaded_by_id_4efacbf3_fk_access_account_id FOREIGN KEY (uploaded_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.intake_item
    ADD CONSTRAINT intake_item_intake_id_02b295f2_fk_intake_import_id FOREIGN KEY (intake_id) REFERENCES public.intake_import(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.intake_item
    ADD CONSTRAINT intake_item_model_id_385b7d0d_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.intake_mapping
    ADD CONSTRAINT intake_mapping_saved_by_id_2bf9946f_fk_access_account_id FOREIGN KEY (saved_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.lineage_artifact
    ADD CONSTRAINT lineage_artifact_created_by_id_598e79d7_fk_access_account_id FOREIGN KEY (created_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.lineage_artifact_version
    ADD CONSTRAINT lineage_artifact_ver_artifact_id_da570beb_fk_lineage_a FOREIGN KEY (artifact_id) REFERENCES public.lineage_artifact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.lineage_artifact_version
    ADD CONSTRAINT lineage_artifact_ver_created_by_id_8dae4406_fk_access_ac FOREIGN KEY (created_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.lineage_edge
    ADD CONSTRAINT lineage_edge_artifact_id_22cf2e23_fk_lineage_artifact_id FOREIGN KEY (artifact_id) REFERENCES public.lineage_artifact(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.lineage_edge
    ADD CONSTRAINT lineage_edge_derived_id_9df43854_fk_lineage_artifact_version_id FOREIGN KEY (derived_id) REFERENCES public.lineage_artifact_version(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.lineage_edge
    ADD CONSTRAINT lineage_edge_model_id_000a7801_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.lineage_edge
    ADD CONSTRAINT lineage_edge_recorded_by_id_17ed7349_fk_access_account_id FOREIGN KEY (recorded_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.lineage_edge
    ADD CONSTRAINT lineage_edge_used_id_db525d04_fk_lineage_artifact_version_id FOREIGN KEY (used_id) REFERENCES public.lineage_artifact_version(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.lineage_edge
    ADD CONSTRAINT lineage_edge_version_id_9d7e6d1f_fk_catalog_version_id FOREIGN KEY (version_id) REFERENCES public.catalog_version(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.lineage_edge
    ADD CONSTRAINT lineage_edge_withdrawn_by_id_93dfae54_fk_access_account_id FOREIGN KEY (withdrawn_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.lineage_fact
    ADD CONSTRAINT lineage_fact_recorded_by_id_dbb5039c_fk_access_account_id FOREIGN KEY (recorded_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.lineage_fact
    ADD CONSTRAINT lineage_fact_version_id_16e7a496_fk_catalog_version_id FOREIGN KEY (version_id) REFERENCES public.catalog_version(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.lineage_prediction_terms
    ADD CONSTRAINT lineage_prediction_t_changed_by_id_e73112b5_fk_access_ac FOREIGN KEY (changed_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.lineage_prediction_tally
    ADD CONSTRAINT lineage_prediction_t_source_id_715d28d9_fk_telemetry FOREIGN KEY (source_id) REFERENCES public.telemetry_source(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.lineage_prediction_terms
    ADD CONSTRAINT lineage_prediction_t_source_id_9ba740ba_fk_telemetry FOREIGN KEY (source_id) REFERENCES public.telemetry_source(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.lineage_subject
    ADD CONSTRAINT lineage_subject_source_id_4830046d_fk_telemetry_source_id FOREIGN KEY (source_id) REFERENCES public.telemetry_source(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.mfa_authenticator
    ADD CONSTRAINT mfa_authenticator_user_id_0c3a50c0_fk_access_account_id FOREIGN KEY (user_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.outside_placement
    ADD CONSTRAINT outside_placement_model_id_5c7e74bd_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.outside_placement
    ADD CONSTRAINT outside_placement_source_id_3e36b656_fk_telemetry_source_id FOREIGN KEY (source_id) REFERENCES public.telemetry_source(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.outside_violation
    ADD CONSTRAINT outside_violation_answered_by_id_cdb6756e_fk_access_account_id FOREIGN KEY (answered_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.outside_violation
    ADD CONSTRAINT outside_violation_clearance_id_d272fac3_fk_catalog_clearance_id FOREIGN KEY (clearance_id) REFERENCES public.catalog_clearance(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.outside_violation
    ADD CONSTRAINT outside_violation_model_id_4911b18d_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.outside_violation
    ADD CONSTRAINT outside_violation_placement_id_4b878304_fk_outside_placement_id FOREIGN KEY (placement_id) REFERENCES public.outside_placement(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.outside_violation
    ADD CONSTRAINT outside_violation_version_id_5a724384_fk_catalog_version_id FOREIGN KEY (version_id) REFERENCES public.catalog_version(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.registryhooks_webhook
    ADD CONSTRAINT registryhooks_webhoo_channel_id_07ec7cad_fk_delivery_ FOREIGN KEY (channel_id) REFERENCES public.delivery_channel(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.registryhooks_webhook
    ADD CONSTRAINT registryhooks_webhoo_stopped_by_id_349d7bac_fk_access_ac FOREIGN KEY (stopped_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.registryhooks_webhook
    ADD CONSTRAINT registryhooks_webhook_made_by_id_d7e4f04b_fk_access_account_id FOREIGN KEY (made_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.risks_acceptance
    ADD CONSTRAINT risks_acceptance_approval_id_faee1c99_fk_approvals_request_id FOREIGN KEY (approval_id) REFERENCES public.approvals_request(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.risks_acceptance
    ADD CONSTRAINT risks_acceptance_proposed_by_id_03786982_fk_access_account_id FOREIGN KEY (proposed_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.risks_acceptance
    ADD CONSTRAINT risks_acceptance_risk_id_9a3ad598_fk_risks_risk_id FOREIGN KEY (risk_id) REFERENCES public.risks_risk(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.risks_acknowledgement
    ADD CONSTRAINT risks_acknowledgement_by_id_d2533aff_fk_access_account_id FOREIGN KEY (by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.risks_acknowledgement
    ADD CONSTRAINT risks_acknowledgement_risk_id_ad0c369d_fk_risks_risk_id FOREIGN KEY (risk_id) REFERENCES public.risks_risk(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.risks_assessment
    ADD CONSTRAINT risks_assessment_assessed_by_id_0c75ccf4_fk_access_account_id FOREIGN KEY (assessed_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.risks_assessment
    ADD CONSTRAINT risks_assessment_risk_id_435a2207_fk_risks_risk_id FOREIGN KEY (risk_id) REFERENCES public.risks_risk(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.risks_change
    ADD CONSTRAINT risks_change_evaluation_id_829127b0_fk_rules_evaluation_id FOREIGN KEY (evaluation_id) REFERENCES public.rules_evaluation(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.risks_change
    ADD CONSTRAINT risks_change_risk_id_ce4db19f_fk_risks_risk_id FOREIGN KEY (risk_id) REFERENCES public.risks_risk(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.risks_contribution
    ADD CONSTRAINT risks_contribution_risk_id_6412c329_fk_risks_risk_id FOREIGN KEY (risk_id) REFERENCES public.risks_risk(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.risks_dispute
    ADD CONSTRAINT risks_dispute_raised_by_id_3aa26728_fk_access_account_id FOREIGN KEY (raised_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.risks_dispute
    ADD CONSTRAINT risks_dispute_risk_id_b6c0e328_fk_risks_risk_id FOREIGN KEY (risk_id) REFERENCES public.risks_risk(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.risks_dispute
    ADD CONSTRAINT risks_dispute_settled_by_id_6173c0bb_fk_access_account_id FOREIGN KEY (settled_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.risks_plan
    ADD CONSTRAINT risks_plan_created_by_id_8ac8161b_fk_access_account_id FOREIGN KEY (created_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.risks_plan
    ADD CONSTRAINT risks_plan_risk_id_0c5667a5_fk_risks_risk_id FOREIGN KEY (risk_id) REFERENCES public.risks_risk(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.risks_plan_step
    ADD CONSTRAINT risks_plan_step_done_by_id_9029a77d_fk_access_account_id FOREIGN KEY (done_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.risks_plan_step
    ADD CONSTRAINT risks_plan_step_owner_id_1fbb4631_fk_access_account_id FOREIGN KEY (owner_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.risks_plan_step
    ADD CONSTRAINT risks_plan_step_plan_id_12aed679_fk_risks_plan_id FOREIGN KEY (plan_id) REFERENCES public.risks_plan(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.risks_plan_step
    ADD CONSTRAINT risks_plan_step_returned_by_id_1829fe8c_fk_access_account_id FOREIGN KEY (returned_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.risks_plan_step
    ADD CONSTRAINT risks_plan_step_verified_by_id_770361e0_fk_access_account_id FOREIGN KEY (verified_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.risks_plan
    ADD CONSTRAINT risks_plan_version_id_e410dc35_fk_catalog_version_id FOREIGN KEY (version_id) REFERENCES public.catalog_version(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.risks_release
    ADD CONSTRAINT risks_release_released_by_id_407e8a41_fk_access_account_id FOREIGN KEY (released_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.risks_release
    ADD CONSTRAINT risks_release_risk_id_6be5a2bc_fk_risks_risk_id FOREIGN KEY (risk_id) REFERENCES public.risks_risk(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.risks_response_draft
    ADD CONSTRAINT risks_response_draft_author_id_290b9fb5_fk_access_account_id FOREIGN KEY (author_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.risks_response_draft
    ADD CONSTRAINT risks_response_draft_risk_id_22583460_fk_risks_risk_id FOREIGN KEY (risk_id) REFERENCES public.risks_risk(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.risks_risk
    ADD CONSTRAINT risks_risk_evidence_by_id_965060ca_fk_access_account_id FOREIGN KEY (evidence_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.risks_risk
    ADD CONSTRAINT risks_risk_model_id_e716ec07_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.routing_decision
    ADD CONSTRAINT routing_decision_alert_id_22409fd4_fk_inbox_alert_id FOREIGN KEY (alert_id) REFERENCES public.inbox_alert(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.routing_decision
    ADD CONSTRAINT routing_decision_entry_id_0c32e772_fk_audit_entry_id FOREIGN KEY (entry_id) REFERENCES public.audit_entry(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.routing_decision
    ADD CONSTRAINT routing_decision_route_id_c8fd926a_fk_routing_route_id FOREIGN KEY (route_id) REFERENCES public.routing_route(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.routing_route_channel
    ADD CONSTRAINT routing_route_channe_channel_id_0b5bf264_fk_delivery_ FOREIGN KEY (channel_id) REFERENCES public.delivery_channel(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.routing_route_channel
    ADD CONSTRAINT routing_route_channel_route_id_61a8431c_fk_routing_route_id FOREIGN KEY (route_id) REFERENCES public.routing_route(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.rules_episode
    ADD CONSTRAINT rules_episode_model_id_254dce8d_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.rules_episode
    ADD CONSTRAINT rules_episode_rule_version_id_3a3af377_fk_rules_version_id FOREIGN KEY (rule_version_id) REFERENCES public.rules_version(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.rules_evaluation
    ADD CONSTRAINT rules_evaluation_model_id_4c356eb8_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.rules_evaluation
    ADD CONSTRAINT rules_evaluation_rule_version_id_00100922_fk_rules_version_id FOREIGN KEY (rule_version_id) REFERENCES public.rules_version(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.rules_series_state
    ADD CONSTRAINT rules_series_state_model_id_d451657c_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.rules_series_state
    ADD CONSTRAINT rules_series_state_rule_version_id_1c30b097_fk_rules_version_id FOREIGN KEY (rule_version_id) REFERENCES public.rules_version(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.rules_version
    ADD CONSTRAINT rules_version_author_id_d1bc9363_fk_access_account_id FOREIGN KEY (author_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.rules_version
    ADD CONSTRAINT rules_version_rule_id_cf6658ab_fk_rules_rule_id FOREIGN KEY (rule_id) REFERENCES public.rules_rule(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.scoring_control
    ADD CONSTRAINT scoring_control_paused_by_id_7156d28d_fk_access_account_id FOREIGN KEY (paused_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.scoring_control
    ADD CONSTRAINT scoring_control_resumed_by_id_fc7cc505_fk_access_account_id FOREIGN KEY (resumed_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.scoring_posture_change
    ADD CONSTRAINT scoring_posture_change_model_id_6a16d217_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.scoring_posture
    ADD CONSTRAINT scoring_posture_formula_version_id_a080e7f5_fk_health_fo FOREIGN KEY (formula_version_id) REFERENCES public.health_formula_version(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.scoring_posture
    ADD CONSTRAINT scoring_posture_model_id_1017d051_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.scoring_rule_trip
    ADD CONSTRAINT scoring_rule_trip_rule_version_id_fdc141f6_fk_rules_version_id FOREIGN KEY (rule_version_id) REFERENCES public.rules_version(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_books
    ADD CONSTRAINT telemetry_books_source_id_46cf9360_fk_telemetry_source_id FOREIGN KEY (source_id) REFERENCES public.telemetry_source(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_drop_part
    ADD CONSTRAINT telemetry_drop_part_drop_id_363d8f61_fk_telemetry_drop_id FOREIGN KEY (drop_id) REFERENCES public.telemetry_drop(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_drop_part
    ADD CONSTRAINT telemetry_drop_part_model_id_fd06bb07_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_drop
    ADD CONSTRAINT telemetry_drop_terms_id_6b5791c9_fk_telemetry_keeping_terms_id FOREIGN KEY (terms_id) REFERENCES public.telemetry_keeping_terms(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_event
    ADD CONSTRAINT telemetry_event_source_id_00c41832_fk_telemetry_source_id FOREIGN KEY (source_id) REFERENCES public.telemetry_source(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_field_watch
    ADD CONSTRAINT telemetry_field_watch_source_id_bd4f71c5_fk_telemetry_source_id FOREIGN KEY (source_id) REFERENCES public.telemetry_source(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_house_alias
    ADD CONSTRAINT telemetry_house_alia_created_by_id_27c4e728_fk_access_ac FOREIGN KEY (created_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_house_alias
    ADD CONSTRAINT telemetry_house_alias_ended_by_id_89275539_fk_access_account_id FOREIGN KEY (ended_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_house_metric
    ADD CONSTRAINT telemetry_house_metr_created_by_id_ced6a3a8_fk_access_ac FOREIGN KEY (created_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_keeping_terms
    ADD CONSTRAINT telemetry_keeping_te_agreed_by_id_a348e7c1_fk_access_ac FOREIGN KEY (agreed_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_keeping_terms
    ADD CONSTRAINT telemetry_keeping_te_ended_by_id_c127689a_fk_access_ac FOREIGN KEY (ended_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_keeping_terms
    ADD CONSTRAINT telemetry_keeping_te_proposed_by_id_ae0b15b3_fk_access_ac FOREIGN KEY (proposed_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_legal_hold
    ADD CONSTRAINT telemetry_legal_hold_lifted_by_id_ce9c1c8a_fk_access_account_id FOREIGN KEY (lifted_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_legal_hold
    ADD CONSTRAINT telemetry_legal_hold_model_id_bc70b2b3_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_legal_hold
    ADD CONSTRAINT telemetry_legal_hold_placed_by_id_df52e03f_fk_access_account_id FOREIGN KEY (placed_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_mapping_version
    ADD CONSTRAINT telemetry_mapping_ve_activated_by_id_0e471abf_fk_access_ac FOREIGN KEY (activated_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_mapping_version
    ADD CONSTRAINT telemetry_mapping_ve_created_by_id_76a4a401_fk_access_ac FOREIGN KEY (created_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_mapping_version
    ADD CONSTRAINT telemetry_mapping_ve_source_id_8a62e0eb_fk_telemetry FOREIGN KEY (source_id) REFERENCES public.telemetry_source(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_notice
    ADD CONSTRAINT telemetry_notice_source_id_8ababd8d_fk_telemetry_source_id FOREIGN KEY (source_id) REFERENCES public.telemetry_source(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_poll_sweep
    ADD CONSTRAINT telemetry_poll_sweep_source_id_293e9579_fk_telemetry_source_id FOREIGN KEY (source_id) REFERENCES public.telemetry_source(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_polling
    ADD CONSTRAINT telemetry_polling_set_by_id_c700a309_fk_access_account_id FOREIGN KEY (set_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_polling
    ADD CONSTRAINT telemetry_polling_source_id_a46aa451_fk_telemetry_source_id FOREIGN KEY (source_id) REFERENCES public.telemetry_source(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_refusal
    ADD CONSTRAINT telemetry_refusal_source_id_4bd74524_fk_telemetry_source_id FOREIGN KEY (source_id) REFERENCES public.telemetry_source(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_remembered
    ADD CONSTRAINT telemetry_remembered_source_id_d6c1a003_fk_telemetry_source_id FOREIGN KEY (source_id) REFERENCES public.telemetry_source(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_rollup
    ADD CONSTRAINT telemetry_rollup_model_id_63b3d4e0_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_seen_field
    ADD CONSTRAINT telemetry_seen_field_source_id_6946b4af_fk_telemetry_source_id FOREIGN KEY (source_id) REFERENCES public.telemetry_source(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_series
    ADD CONSTRAINT telemetry_series_model_id_c247a798_fk_catalog_model_id FOREIGN KEY (model_id) REFERENCES public.catalog_model(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_sighting
    ADD CONSTRAINT telemetry_sighting_source_id_521d0b50_fk_telemetry_source_id FOREIGN KEY (source_id) REFERENCES public.telemetry_source(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_source
    ADD CONSTRAINT telemetry_source_created_by_id_a9a28c25_fk_access_account_id FOREIGN KEY (created_by_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.telemetry_tally
    ADD CONSTRAINT telemetry_tally_source_id_a061bea1_fk_telemetry_source_id FOREIGN KEY (source_id) REFERENCES public.telemetry_source(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.usersessions_usersession
    ADD CONSTRAINT usersessions_usersession_user_id_af5e0a6d_fk_access_account_id FOREIGN KEY (user_id) REFERENCES public.access_account(id) DEFERRABLE INITIALLY DEFERRED;
