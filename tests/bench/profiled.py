import cProfile,pstats,runpy,sys,threading,time
_profiles=[]
def wrap(run):
    def profiled(self):
        p=cProfile.Profile(time.thread_time); _profiles.append((self.name,p)); p.runcall(run,self)
    return profiled
out=sys.argv[1]
threading.Thread.run=wrap(threading.Thread.run)
from cheroot.workers.threadpool import WorkerThread
WorkerThread.run=wrap(WorkerThread.run)
sys.argv=sys.argv[sys.argv.index("gp2gp_conformance"):]
try: runpy.run_module("gp2gp_conformance",run_name="__main__")
finally:
    groups={}
    for n,p in _profiles:
        p.disable()
        g='courier' if n.startswith('courier') else 'worker' if n.startswith('CP') else 'other'
        try:
            if g in groups: groups[g].add(p)
            else: groups[g]=pstats.Stats(p)
        except TypeError: pass
    for g,s in groups.items(): s.dump_stats(f"{out}.{g}")
