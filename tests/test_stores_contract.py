"""Every store does what a store promises."""

from provenance.stores.embedded import EmbeddedStore
from provenance.stores.memory import MemoryStore
from provenance.testing.stores import MANIFEST, StoreContract


class TestMemory(StoreContract):
    survives = False
    exclusive = False

    def open_store(self, place, *, readonly=False):
        return MemoryStore(MANIFEST)


class TestEmbedded(StoreContract):
    def open_store(self, place, *, readonly=False):
        return EmbeddedStore(place, MANIFEST, readonly=readonly, sync=False)

    def open_other(self, place, manifest):
        return EmbeddedStore(place, manifest)


class TestEmbeddedOfManyRuns(TestEmbedded):
    """Folded at every turn, so that runs are written and merged all the time."""

    def open_store(self, place, *, readonly=False):
        return EmbeddedStore(place, MANIFEST, readonly=readonly, sync=False, fold=3)
