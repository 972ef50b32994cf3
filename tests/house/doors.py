"""Every door of the house with what it asks, and a small world that stands before them.

The table is written from the plan, apart from the code. One line: methods, address, the permission asked at
the door, what the address names, and the permission asked on that object. `-` asks for none; `public` lets
strangers in. `tests/house/test_door_matrix.py` and `test_hostile_bodies.py` walk it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

TABLE = """
GET        healthz                                                    public
GET        readyz                                                     public
GET        health                                                     public
GET        version                                                    public
GET        api/3.0/mlflow/server-info                                 public
GET        metrics                                                    public
GET        sign-in/                                                   public
POST       sign-in/                                                   public
POST       sign-in/as/                                                public
POST       sign-out/                                                  public
GET,POST   welcome/<str:secret>/                                      public         link
POST       api/v1/^telemetry/(?P<path_token>[A-Za-z0-9_-]{1,64})/$    public         path_token
POST       api/v1/^predictions/from/(?P<path_token>[A-Za-z0-9_-]{1,64})/$ public     path_token
POST       api/v1/^telemetry/(?P<path_token>[A-Za-z0-9_-]{1,64})/api/v2/alerts$  public  path_token
POST       api/v1/^telemetry/(?P<path_token>[A-Za-z0-9_-]{1,64})/api/v1/write$   public  path_token
POST       api/v1/^telemetry/(?P<path_token>[A-Za-z0-9_-]{1,64})$     public         path_token
POST       api/v1/^telemetry/(?P<path_token>[A-Za-z0-9_-]{1,64})/trial$  public      path_token
GET,POST   api/v1/^telemetry/(?P<path_token>[A-Za-z0-9_-]{1,64})/(?P<place>.+)$  public  path_token
GET,POST   otlp/<slug:path_token>                                     public         path_token
GET,POST   otlp/<slug:path_token>/<path:place>                        public         path_token
POST       v1/metrics                                              public
POST       v1/logs                                                 public
POST       v1/traces                                               public
POST       otlp/<slug:path_token>/v1/metrics                       public         path_token
POST       otlp/<slug:path_token>/v1/logs                          public         path_token
POST       otlp/<slug:path_token>/v1/traces                        public         path_token

GET        api/schema/                                                -
GET        api/docs/                                                  -
GET,POST   me/                                                        -
GET        views/<int:number>/                                        -              view
POST       views/<int:number>/save/                                   -              view
POST       views/<int:number>/delete/                                 -              view
POST       views/<slug:list_name>/                                    -              list
GET        people/                                                    people.read
GET,POST   people/accounts/new/                                       people.manage
GET        people/<str:username>/                                     people.read    person
POST       people/<str:username>/link/                                people.manage  person
POST       people/<str:username>/roles/                               people.manage  person
POST       people/<str:username>/roles/<int:number>/end/              people.manage  grant
POST       people/<str:username>/disable/                             people.manage  person
POST       people/<str:username>/tokens/                              -              stranger
POST       people/<str:username>/tokens/<int:number>/revoke/          -              token
GET        audit/                                                     audit.read
GET        audit/<int:number>/                                        audit.read     entry
GET        audit/^export\\.(?P<form>csv|jsonl)$                        audit.export   form

GET        alerts/decisions/                                          alert.read
GET        alerts/routes/                                             alert.read
GET,POST   alerts/channels/new/                                       route.manage
GET        alerts/channels/<int:pk>/                                  alert.read     channel
POST       alerts/channels/<int:pk>/routes/                           route.manage   channel
POST       alerts/channels/<int:pk>/test/                             route.manage   channel
POST       alerts/channels/<int:pk>/switch/                           route.manage   channel
GET        alerts/webhooks/                                           model.read
GET,POST   alerts/webhooks/new/                                       webhook.manage
GET        alerts/webhooks/<uuid:pk>/                                 model.read     webhook
POST       alerts/webhooks/<uuid:pk>/test/                            webhook.manage webhook
POST       alerts/webhooks/<uuid:pk>/switch/                          webhook.manage webhook
POST       alerts/webhooks/<uuid:pk>/delete/                          webhook.manage webhook
GET        alerts/                                                    alert.read
GET        alerts/alerts.csv                                          alert.read
POST       alerts/acknowledge/                                        alert.read
POST       alerts/snooze/                                             alert.read
POST       alerts/snooze/end/                                         alert.read
GET        alerts/mine/                                               alert.read
GET        alerts/<int:pk>/                                           alert.read     alert
GET        alerts/<int:pk>/acknowledge/                               alert.read     alert
POST       alerts/<int:pk>/acknowledge/                               alert.read     alert          alert.acknowledge
POST       alerts/<int:pk>/resolve/                                   alert.read     alert          alert.acknowledge
POST       alerts/<int:pk>/notes/                                     alert.read     alert          alert.acknowledge

GET        sources/                                                   source.read
GET        sources/connect/                                           source.read
GET,POST   sources/connect/<slug:kind>/                               source.manage  platform
GET        sources/<slug:slug>/connect/                               source.manage  source
POST       sources/<slug:slug>/trial/                                 source.manage  source
GET,POST   sources/<slug:slug>/names/                                 model.edit     source
GET        sources/history/                                           source.read
GET,POST   sources/history/terms/new/                                 history.manage
POST       sources/history/terms/<int:number>/agree/                  history.manage terms
POST       sources/history/terms/<int:number>/end/                    history.manage terms
GET,POST   sources/history/holds/new/                                 history.manage
POST       sources/history/holds/<int:pk>/lift/                       history.manage hold
GET        sources/held/                                              source.read
GET        sources/events/<int:pk>/                                   source.read    event
POST       sources/events/<int:pk>/replay/                            quarantine.replay event
GET        sources/<slug:slug>/                                       source.read    source
GET,POST   sources/<slug:slug>/mapping/                               source.manage  source
GET        sources/<slug:slug>/mapping/<int:number>/                  source.read    mapping
POST       sources/<slug:slug>/mapping/<int:number>/activate/         source.manage  mapping
GET        sources/<slug:slug>/mapping/<int:old>/<int:new>/           source.read    mapping_pair
POST       sources/<slug:slug>/secret/                                source.manage  source
POST       sources/<slug:slug>/secret/rotate/                         source.manage  source
POST       sources/<slug:slug>/switch/                                source.manage  source
POST       sources/<slug:slug>/interval/                              source.manage  source
GET,POST   sources/<slug:slug>/sweeps/                                source.manage  polled
POST       sources/<slug:slug>/sweeps/now/                            source.manage  polled
POST       sources/<slug:slug>/sweeps/switch/                         source.manage  polled
POST       sources/<slug:slug>/replay/                                quarantine.replay source

GET        metrics-catalogue/                                         source.read
GET        metrics-catalogue/unmapped/                                source.read
GET,POST   metrics-catalogue/adopt/                                   source.manage
GET,POST   metrics-catalogue/aliases/<int:pk>/read-again/             source.manage  metric_alias
POST       metrics-catalogue/aliases/<int:pk>/end/                    source.manage  metric_alias
GET        metrics-catalogue/names/<str:name>/                        source.read    metric

GET,POST   models/register/                                           model.register
GET,POST   models/<slug:slug>/edit/                                   model.edit     model          model.edit
GET        models/<slug:slug>/versions/                               model.read     model
GET        models/<slug:slug>/versions/<int:number>/                  model.read     model
GET,POST   models/<slug:slug>/versions/new/                           version.register model        version.register
POST       models/<slug:slug>/versions/<int:number>/stage/            version.move   model          version.move
POST       models/<slug:slug>/versions/<int:number>/alias/            version.move   model          version.move
GET        models/<slug:slug>/runs/                                   model.read     model
GET        models/<slug:slug>/runs/compare/                           model.read     model
GET        models/<slug:slug>/runs/<int:pk>/                          model.read     run
POST       models/<slug:slug>/runs/<int:pk>/link/                     version.register run          version.register
GET        models/<slug:slug>/sweeps/<int:pk>/                        model.read     sweep
GET,POST   models/<slug:slug>/aliases/protect/                        model.edit     model          model.edit
POST       models/<slug:slug>/aliases/lift/                           model.edit     model          model.edit
GET        models/<slug:slug>/lineage/                                model.read     model
GET        models/<slug:slug>/lineage/panel/                          model.read     model
GET        models/<slug:slug>/card/                                   model.read     model
GET        models/<slug:slug>/card/panel/                             model.read     model
POST       models/<slug:slug>/card/issue/                             model.edit     model          model.edit
GET        models/<slug:slug>/card/issued/                            model.read     model
GET        models/<slug:slug>/card/issued/<int:number>/               model.read     card
GET        models/<slug:slug>/card/changes/                           model.read     model
GET        models/<slug:slug>/card/files/<slug:form>/                 model.read     card
GET,POST   models/<slug:slug>/card/sections/<slug:section>/           model.edit     card           model.edit
GET        models/<slug:slug>/card/sections/<slug:section>/versions/  model.read     card
GET,POST   models/<slug:slug>/lineage/edges/<int:pk>/withdraw/        version.register edge          version.register
GET,POST   models/<slug:slug>/versions/<int:number>/lineage/          version.register model         version.register
GET        models/<slug:slug>/changes/                                model.read     model
GET        models/<slug:slug>/versions/<int:number>/bom.json          model.read     model
GET        models/<slug:slug>/predictions/panel/                      model.read     model
GET        predictions/                                               model.read
GET        predictions/kept/                                          source.read
POST       predictions/kept/<slug:slug>/                              source.manage  source
GET,POST   predictions/erase/                                         subject.erase
GET        predictions/<int:pk>/                                      model.read     prediction
GET        predictions/<int:pk>/explanation.pdf                       model.read     prediction
POST       predictions/<int:pk>/text/                                 model.read     prediction     prediction.open
GET        lineage/                                                   model.read
GET        lineage/artifacts.csv                                      model.read
GET        lineage/artifacts/<int:pk>/                                model.read     artifact
GET        lineage/versions/<int:pk>/                                 model.read     artifact_version
GET        lineage/versions/<int:pk>/affected.csv                     model.read     artifact_version
GET        elsewhere/                                                 model.read
GET        elsewhere/<int:pk>/                                        model.read     violation
POST       elsewhere/<int:pk>/answer/                                 model.read     violation      risk.acknowledge
GET        costs/                                                     cost.read
GET        costs/showback.csv                                         cost.read
GET        costs/budgets/                                             cost.read
GET,POST   costs/budgets/new/                                         budget.write
GET        costs/budgets/<int:pk>/                                    cost.read      budget
GET,POST   costs/budgets/<int:pk>/edit/                               budget.write   budget         budget.write
POST       costs/budgets/<int:pk>/end/                                budget.write   budget         budget.write
GET        costs/prices/                                              cost.read
GET,POST   costs/prices/new/                                          cost.write
POST       costs/rates/                                               cost.write
GET        backfills/                                                 source.read
GET,POST   backfills/new/                                             source.manage
POST       backfills/begin/                                           source.manage
GET        backfills/<int:pk>/                                        source.read    backfill
POST       backfills/<int:pk>/piece/                                  source.manage  backfill
POST       backfills/<int:pk>/start/                                  source.manage  backfill
POST       backfills/<int:pk>/pause/                                  source.manage  backfill
POST       backfills/<int:pk>/resume/                                 source.manage  backfill
POST       backfills/<int:pk>/cancel/                                 source.manage  backfill
GET        backfills/<int:pk>/rejected.csv                            source.read    backfill
GET        costs/imports/                                             cost.write
GET,POST   costs/imports/new/                                         cost.write
GET        costs/imports/<int:pk>/                                    cost.write     import
POST       costs/imports/<int:pk>/apply/                              cost.write     import
POST       costs/imports/<int:pk>/undo/                               cost.write     import
GET        imports/                                                   model.read
GET,POST   imports/new/                                               model.register
GET        imports/<int:pk>/                                          model.read     intake
GET,POST   imports/<int:pk>/mapping/                                  model.register intake
POST       imports/<int:pk>/check/                                    model.register intake
POST       imports/<int:pk>/apply/                                    model.register intake
GET,POST   imports/<int:pk>/undo/                                     model.register intake
GET        imports/<int:pk>/problems.csv                              model.read     intake
GET        export/                                                    model.read
GET        ^export/(?P<table>[a-z_]{1,40})\\.(?P<form>csv|xlsx|json)$   model.read     table
POST       edit-models/                                               model.register
GET        models/<slug:slug>/costs/panel/                            cost.read      model
GET        gates/models/<slug:slug>/panel/                            model.read     model
GET        gates/<uuid:pk>/                                           model.read     decision
POST       gates/<uuid:pk>/use/                                       version.move   decision       version.move
POST       gates/<uuid:pk>/approval/                                  gate.ask       decision       gate.ask
POST       gates/versions/<int:pk>/ask/                               gate.ask       version_pk     gate.ask
GET        approvals/                                                 approval.read
GET        approvals/<uuid:pk>/                                       approval.read  approval
POST       approvals/<uuid:pk>/vote/                                  approval.read  approval       approval.vote
POST       approvals/<uuid:pk>/withdraw/                              approval.read  approval       nobody

GET        rules/<slug:slug>/automation/                              rule.read      rule
GET        rules/<slug:slug>/<int:number>/effect/                     rule.read      rule
POST       rules/<slug:slug>/<int:number>/reinstate/                  rule.write     rule
GET        rules/                                                     rule.read
GET        rules/rules.csv                                            rule.read
GET        rules/schema.json                                          rule.read
POST       rules/says/                                                rule.write
POST       rules/tried/                                               rule.write
GET,POST   rules/new/                                                 rule.write
GET,POST   rules/new/text/                                            rule.write
GET        rules/<slug:slug>/                                         rule.read      rule
GET,POST   rules/<slug:slug>/draft/                                   rule.write     rule
GET,POST   rules/<slug:slug>/draft/fields/                            rule.write     rule
GET        rules/<slug:slug>/changes/<int:old>/<int:new>/             rule.read      rule
GET,POST   rules/<slug:slug>/<int:number>/edit/                       rule.write     rule
GET,POST   rules/<slug:slug>/<int:number>/edit/fields/                rule.write     rule
POST       rules/<slug:slug>/<int:number>/submit/                     rule.write     rule
POST       rules/<slug:slug>/<int:number>/withdraw/                   rule.write     rule
POST       rules/<slug:slug>/<int:number>/shadow/                     rule.write     rule
POST       rules/<slug:slug>/<int:number>/enforce/                    rule.write     rule
POST       rules/<slug:slug>/<int:number>/retire/                     rule.write     rule
GET        formulas/                                                  formula.read
POST       formulas/says/                                             formula.write
GET,POST   formulas/new/                                              formula.write
GET        formulas/<slug:slug>/                                      formula.read   formula
GET,POST   formulas/<slug:slug>/draft/                                formula.write  formula
GET        formulas/<slug:slug>/changes/<int:old>/<int:new>/          formula.read   formula
GET,POST   formulas/<slug:slug>/<int:number>/edit/                    formula.write  formula
POST       formulas/<slug:slug>/<int:number>/submit/                  formula.write  formula
POST       formulas/<slug:slug>/<int:number>/withdraw/                formula.write  formula
POST       formulas/<slug:slug>/<int:number>/enforce/                 formula.write  formula
POST       formulas/<slug:slug>/<int:number>/retire/                  formula.write  formula
GET        scoring/                                                   rule.read
POST       scoring/pause/<slug:scope>/                                rule.read      scope          automation.pause
POST       scoring/resume/<int:pk>/                                   rule.read      pause          automation.resume

GET        risks/                                                     risk.read
GET        risks.csv                                                  risk.read
POST       risks/acknowledge/                                         risk.read
POST       risks/undo/                                                risk.read
GET        risks/R-<int:pk>/                                          risk.read      risk
GET,POST   risks/R-<int:pk>/respond/                                  risk.read      risk           answer
GET        risks/R-<int:pk>/respond/draft/                            risk.read      risk
POST       risks/R-<int:pk>/respond/draft/                            risk.read      risk           answer
GET        risks/R-<int:pk>/respond/both/                             risk.read      risk           answer
POST       risks/R-<int:pk>/acknowledge/                              risk.read      risk           risk.acknowledge
POST       risks/R-<int:pk>/evidence/                                 risk.read      planned        risk.mitigate
POST       risks/R-<int:pk>/send-back/                                risk.read      risk           risk.release
POST       risks/R-<int:pk>/release/                                  risk.read      risk           risk.release
POST       risks/R-<int:pk>/assess/                                   risk.read      risk           risk.assess
POST       risks/R-<int:pk>/rerun/                                    risk.read      risk           risk.dispute
POST       risks/R-<int:pk>/disputes/<int:dispute_pk>/settle/         risk.read      dispute        risk.assess
POST       risks/R-<int:pk>/steps/<int:step_pk>/complete/             risk.read      planned        risk.mitigate
POST       risks/R-<int:pk>/steps/<int:step_pk>/verify/               risk.read      done           verify
POST       risks/R-<int:pk>/steps/<int:step_pk>/return/               risk.read      done           verify
POST       risks/R-<int:pk>/steps/<int:step_pk>/move/                 risk.read      planned        risk.mitigate
GET        models/<slug:slug>/risks/                                  risk.read      model

GET                                                                   risk.read
GET        in-the-red.csv                                             risk.read
GET        in-the-red/over-time/                                      risk.read
POST       in-the-red/acknowledge/R-<int:pk>/                         risk.read      risk           risk.acknowledge
GET        search/                                                    model.read
GET        inbox/                                                     risk.read
POST       inbox/acknowledge/                                         risk.read
GET        kit/                                                       people.manage
GET        models/                                                    model.read
GET        models.csv                                                 model.read
GET        models/<modelslug:slug>/                                   model.read     model
GET        models/<modelslug:slug>/readings.csv                       model.read     model

GET        api/v1/approvals/                                          approval.read
GET        api/v1/approvals/<uuid:pk>/                                approval.read  approval
POST       api/v1/approvals/<uuid:pk>/votes/                          approval.vote  approval       approval.vote
POST       api/v1/gates/promotion/                                    gate.ask
POST       api/v1/gates/promotion/<uuid:pk>/use/                      version.move   decision       version.move
GET        api/v1/gates/runtime/<slug:slug>/                          runtime.ask    model          runtime.ask
GET        api/v1/rules/                                              rule.read
POST       api/v1/rules/                                              rule.write
POST       api/v1/rules/lint/                                         rule.read
GET        api/v1/rules/<slug:slug>/                                  rule.read      rule
GET        api/v1/rules/<slug:slug>/versions/                         rule.read      rule
POST       api/v1/rules/<slug:slug>/versions/                         rule.write     rule
GET        api/v1/rules/<slug:slug>/versions/<int:number>/            rule.read      rule
POST       api/v1/rules/<slug:slug>/versions/<int:number>/submission/ rule.write     rule
GET        api/v1/formulas/                                           formula.read
POST       api/v1/formulas/                                           formula.write
POST       api/v1/formulas/lint/                                      formula.read
GET        api/v1/formulas/<slug:slug>/                               formula.read   formula
GET        api/v1/formulas/<slug:slug>/versions/                      formula.read   formula
POST       api/v1/formulas/<slug:slug>/versions/                      formula.write  formula
GET        api/v1/formulas/<slug:slug>/versions/<int:number>/         formula.read   formula
POST       api/v1/formulas/<slug:slug>/versions/<int:number>/submission/ formula.write formula
GET        api/v1/risks/                                              risk.read
GET        api/v1/risks/<int:pk>/                                     risk.read      risk
POST       api/v1/risks/<int:pk>/acknowledgements/                    risk.acknowledge risk         risk.acknowledge
POST       api/v1/risks/<int:pk>/acknowledgements/<int:acknowledgement_pk>/undoings/ risk.acknowledge seen nobody
POST       api/v1/risks/<int:pk>/plans/                               risk.mitigate  risk           risk.mitigate
POST       api/v1/risks/<int:pk>/steps/<int:step_pk>/completions/     risk.read      planned        risk.mitigate
POST       api/v1/risks/<int:pk>/steps/<int:step_pk>/verifications/   risk.read      done           verify
POST       api/v1/risks/<int:pk>/evidence/                            risk.mitigate  planned        risk.mitigate
POST       api/v1/risks/<int:pk>/releases/                            risk.release   risk           risk.release
POST       api/v1/risks/<int:pk>/returns/                             risk.release   risk           risk.release
POST       api/v1/risks/<int:pk>/acceptances/                         risk.accept    risk           risk.accept
POST       api/v1/risks/<int:pk>/disputes/                            risk.dispute   risk           risk.dispute
POST       api/v1/risks/<int:pk>/disputes/<int:dispute_pk>/settlements/ risk.assess  dispute        risk.assess
PATCH      api/v1/models/<str:name>/risk_scores                       score.write    model_name     score.write
POST       v1/risk/update                                             score.write
POST       api/v1/measurements/                                       telemetry.write
GET        api/v1/history/terms/                                      source.read
POST       api/v1/history/terms/                                      history.manage
POST       api/v1/history/terms/<int:number>/agreements/              history.manage terms
POST       api/v1/history/terms/<int:number>/endings/                 history.manage terms
POST       api/v1/history/previews/                                   source.read
GET        api/v1/history/holds/                                      source.read
POST       api/v1/history/holds/                                      history.manage
POST       api/v1/history/holds/<int:pk>/liftings/                    history.manage hold
GET        api/v1/history/drops/                                      source.read
GET        api/v1/sources/                                            source.read
GET        api/v1/sources/<slug:slug>/polling/                        source.read    polled
PUT        api/v1/sources/<slug:slug>/polling/                        source.manage  polled
GET        api/v1/sources/<slug:slug>/sweeps/                         source.read    polled
POST       api/v1/sources/<slug:slug>/sweeps/                         source.manage  polled
GET        api/v1/models/                                             model.read
POST       api/v1/models/                                             model.register
GET        api/v1/models/<slug:slug>/                                 model.read     model
GET        api/v1/models/<slug:slug>/versions/                        model.read     model
GET        api/v1/models/<slug:slug>/card/                            model.read     model
GET        api/v1/models/<slug:slug>/card/markdown/                   model.read     model
GET        api/v1/models/<slug:slug>/card/sections/<slug:section>/    model.read     card
PUT        api/v1/models/<slug:slug>/card/sections/<slug:section>/    model.edit     card           model.edit
GET        api/v1/models/<slug:slug>/card/issued/                     model.read     model
POST       api/v1/models/<slug:slug>/card/issued/                     model.edit     model          model.edit
GET        api/v1/models/<slug:slug>/card/issued/<int:number>/        model.read     card
POST       api/v1/models/<slug:slug>/versions/                        version.register model        version.register
POST       api/v1/models/<slug:slug>/versions/<int:number>/stage/     version.move   model          version.move
GET        api/v1/^models/(?P<slug>[-a-zA-Z0-9_]+)/aliases/(?P<name>[A-Za-z0-9_.-]{1,255})/$ model.read alias model.read
PUT        api/v1/^models/(?P<slug>[-a-zA-Z0-9_]+)/aliases/(?P<name>[A-Za-z0-9_.-]{1,255})/$ version.move alias version.move
GET        api/v1/predictions/                                        model.read
POST       api/v1/predictions/                                        telemetry.write
GET        api/v1/predictions/<int:pk>/                               model.read     prediction
GET        api/v1/predictions/<int:pk>/explanation/                   model.read     prediction
GET        api/v1/models/<slug:slug>/versions/<int:number>/validations/ model.read   model
POST       api/v1/models/<slug:slug>/versions/<int:number>/validations/ version.register model      version.register
GET        api/v1/models/<slug:slug>/versions/<int:number>/validations/<int:pk>/ model.read validation
GET        api/v1/models/<slug:slug>/versions/<int:number>/comparison/ model.read    model
PUT        api/v1/models/<slug:slug>/versions/<int:number>/run/       version.register run          version.register
GET        api/v1/models/<slug:slug>/runs/                            model.read     model
POST       api/v1/models/<slug:slug>/runs/                            version.register model        version.register
GET        api/v1/models/<slug:slug>/runs/<int:pk>/                   model.read     run
GET        api/v1/models/<slug:slug>/sweeps/                          model.read     model
GET        api/v1/lineage/artifacts/                                  model.read
POST       api/v1/lineage/artifacts/                                  version.register
GET        api/v1/lineage/artifacts/<int:pk>/versions/                model.read     artifact
GET        api/v1/lineage/versions/<int:pk>/                          model.read     artifact_version
GET        api/v1/lineage/versions/<int:pk>/upstream/                 model.read     artifact_version
GET        api/v1/lineage/versions/<int:pk>/downstream/               model.read     artifact_version
GET        api/v1/lineage/versions/<int:pk>/affected/                 model.read     artifact_version
POST       api/v1/lineage/edges/                                      version.register
POST       api/v1/lineage/edges/<int:pk>/withdrawals/                 version.register edge          version.register
GET        api/v1/lineage/models/<slug:slug>/versions/<int:number>/   model.read     model
POST       api/v1/lineage/models/<slug:slug>/versions/<int:number>/   version.register model         version.register
GET        api/v1/lineage/models/<slug:slug>/versions/<int:number>/bom/ model.read   model
GET        api/v1/imports/                                            model.read
POST       api/v1/imports/                                            model.register
GET        api/v1/imports/<int:pk>/                                   model.read     intake
GET        api/v1/imports/<int:pk>/items/                             model.read     intake
POST       api/v1/imports/<int:pk>/applications/                      model.register intake
POST       api/v1/imports/<int:pk>/undoings/                          model.register intake
GET        api/v1/costs/showback/                                     cost.read
GET        api/v1/costs/daily/                                        cost.read
GET        api/v1/costs/budgets/                                      cost.read
POST       api/v1/costs/budgets/                                      budget.write
GET        api/v1/costs/budgets/<int:pk>/                             cost.read      budget
GET        api/v1/backfills/                                          telemetry.write
POST       api/v1/backfills/                                          telemetry.write
GET        api/v1/backfills/<int:pk>/                                 telemetry.write  backfill
PATCH      api/v1/backfills/<int:pk>/file/                            telemetry.write  backfill
POST       api/v1/backfills/<int:pk>/preview/                         telemetry.write  backfill
POST       api/v1/backfills/<int:pk>/start/                           telemetry.write  backfill
POST       api/v1/backfills/<int:pk>/pause/                           telemetry.write  backfill
POST       api/v1/backfills/<int:pk>/resume/                          telemetry.write  backfill
POST       api/v1/backfills/<int:pk>/cancel/                          telemetry.write  backfill
GET        api/v1/backfills/<int:pk>/rejected.csv                     telemetry.write  backfill
POST       api/v1/costs/imports/                                      cost.write
GET        api/v1/costs/imports/<int:pk>/                             cost.write     import
POST       api/v1/costs/imports/<int:pk>/undoings/                    cost.write     import
GET        api/v1/violations/                                         model.read
GET        api/v1/violations/<int:pk>/                                model.read     violation
POST       api/v1/violations/<int:pk>/answers/                        risk.acknowledge violation    risk.acknowledge
GET        api/v1/alerts/                                             alert.read
POST       api/v1/alerts/<int:pk>/acknowledgements/                   alert.acknowledge alert       alert.acknowledge

POST       api/2.0/mlflow/registered-models/create                    model.register
POST       api/2.0/mlflow/registered-models/rename                    model.read
PATCH      api/2.0/mlflow/registered-models/update                    model.read
DELETE     api/2.0/mlflow/registered-models/delete                    model.read
GET        api/2.0/mlflow/registered-models/get                       model.read
GET        api/2.0/mlflow/registered-models/search                    model.read
GET,POST   api/2.0/mlflow/registered-models/get-latest-versions       model.read
POST       api/2.0/mlflow/registered-models/set-tag                   version.register
DELETE     api/2.0/mlflow/registered-models/delete-tag                version.register
GET        api/2.0/mlflow/registered-models/alias                     model.read
POST       api/2.0/mlflow/registered-models/alias                     version.move
DELETE     api/2.0/mlflow/registered-models/alias                     version.move
POST       api/2.0/mlflow/model-versions/create                       version.register
PATCH      api/2.0/mlflow/model-versions/update                       version.register
POST       api/2.0/mlflow/model-versions/transition-stage             version.move
DELETE     api/2.0/mlflow/model-versions/delete                       version.move
GET        api/2.0/mlflow/model-versions/get                          model.read
GET        api/2.0/mlflow/model-versions/search                       model.read
GET        api/2.0/mlflow/model-versions/get-download-uri             model.read
POST       api/2.0/mlflow/model-versions/set-tag                      version.register
DELETE     api/2.0/mlflow/model-versions/delete-tag                   version.register
GET        api/2.0/mlflow/webhooks                                    model.read
POST       api/2.0/mlflow/webhooks                                    webhook.manage
GET        api/2.0/mlflow/webhooks/<str:webhook_id>                   model.read     webhook
PATCH      api/2.0/mlflow/webhooks/<str:webhook_id>                   webhook.manage webhook
DELETE     api/2.0/mlflow/webhooks/<str:webhook_id>                   webhook.manage webhook
POST       api/2.0/mlflow/webhooks/<str:webhook_id>/test              webhook.manage webhook
POST       api/v1/alerts/<int:pk>/snoozes/                            alert.acknowledge alert       alert.acknowledge
"""

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
OF_MODELS = {
    "model", "model_name", "alias", "version_pk", "decision", "approval", "alert", "risk", "planned", "done", "dispute", "entry", "seen",
    "artifact", "artifact_version", "budget", "card", "edge", "prediction",
    "validation", "run", "sweep",
}  # fmt: skip
"""Objects that belong to a model: whether they exist for a caller depends on the caller's relation to it."""

RELATIONS = ("own", "team", "other", "absent")
SHOWN_BY = {"alert": "alert.read", "budget": "cost.read", "approval": "approval.read", "decision": "model.read", "version_pk": "model.read",
            "alias": "model.read", "card": "model.read", "run": "model.read", "model_name": "model.read", "edge": "model.read"}  # fmt: skip
"""By which permission an object exists for its reader, where the address itself does not say."""

FROM_ALLAUTH = "account/"
OF_OPENTELEMETRY = {"v1/metrics", "v1/logs", "v1/traces"}


@dataclass(frozen=True)
class Door:
    """One method of one address."""

    method: str
    address: str
    asks: str
    names: str = ""
    deed: str = ""

    @property
    def is_api(self) -> bool:
        """Return whether programs call it."""
        return self.address.startswith(("api/v1/", "v1/", "otlp/", "api/schema", "api/2.0/"))

    @property
    def refuses_with(self) -> str:
        """Return the type of its refusals: clients of MLflow and of OpenTelemetry read errors of their own shape."""
        own = self.address.startswith(("api/2.0/mlflow/", "otlp/")) or self.address in OF_OPENTELEMETRY
        return "application/json" if own else "application/problem+json"

    @property
    def relations(self) -> tuple[str, ...]:
        """Return the relations of the named object that make a difference."""
        if self.names in OF_MODELS:
            return RELATIONS
        return ("own", "absent") if self.names and self.names != "form" else ("own",)

    @property
    def shown_by(self) -> str:
        """Return the permission by which the named object is there for its reader."""
        if self.names in SHOWN_BY:
            return SHOWN_BY[self.names]
        if self.names == "model" and not self.asks.endswith(".read"):
            return "model.read"
        return "risk.read" if self.names in {"risk", "planned", "done", "dispute", "seen"} else self.asks


def _doors() -> Iterator[Door]:
    for line in filter(str.strip, TABLE.splitlines()):
        methods, rest = line.split(maxsplit=1)
        address, *columns = ["", *rest.split()] if line[11] == " " else rest.split()
        for method in methods.split(","):
            yield Door(method, address, *columns)


DOORS = tuple(_doors())


def every_address(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, Any]]:
    """Return every address of the resolver with its view."""
    for one in (resolver or get_resolver()).url_patterns:
        address = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from every_address(one, address)
        elif isinstance(one, URLPattern):
            yield address, one.callback


def path_of(address: str, names: dict[str, object]) -> str:
    """Return the address with its parts filled in."""
    filled = re.sub(r"<\w+:(\w+)>|\(\?P<(\w+)>[^)]*\)", lambda found: str(names[found[1] or found[2]]), address)
    return "/" + filled.replace("^", "").replace("$", "").replace("\\.", ".")
