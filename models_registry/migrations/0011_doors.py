from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("models_registry", "0010_imports")]
    operations: ClassVar = []
