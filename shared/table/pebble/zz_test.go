package pebble_test
import ("testing";"os";"fmt";"time";"strings";"syscall";"math/rand";"strconv";"rubrica/shared/table";"rubrica/shared/table/pebble";"rubrica/shared/tenant";"context";"runtime")
func rss() string { b,_:=os.ReadFile("/proc/self/status"); for _,l:=range strings.Split(string(b),"\n"){ if strings.HasPrefix(l,"VmRSS")||strings.HasPrefix(l,"RssAnon"){ return strings.Join(strings.Fields(l)," ")}}; return ""}
func cpu() time.Duration { var r syscall.Rusage; syscall.Getrusage(0,&r); return time.Duration(r.Utime.Nano()+r.Stime.Nano()) }
func bigdoc(r *rand.Rand, i int) []byte { return fmt.Appendf(nil, `{"id":"01J%023d","firstName":"%x","lastName":"%x","email":"%x@example.com","phone":"+49151%08d","tags":["01J%020d","01J%020d"],"createdAt":"2026-11-20T10:00:00.000Z","updatedAt":"2026-11-20T10:00:00.000Z","fields":{"company":"%x","score":%d,"city":"Berlin"},"key":"%x","version":1}`, i, r.Uint32(), r.Uint64(), r.Uint64(), r.Intn(1e8), r.Intn(100), r.Intn(100), r.Uint64(), r.Intn(1000), []byte(fmt.Sprint(r.Uint64(),r.Uint64()))) }
func TestZZ(t *testing.T){
 dir:=os.Getenv("ZZDIR"); N:=300000
 ws,_:=tenant.Parse("acme"); ctx:=tenant.Bind(context.Background(), ws)
 t0:=time.Now(); c0:=cpu()
 s,err:=pebble.Open(dir,pebble.Options{}); if err!=nil{t.Fatal(err)}
 fmt.Println("open",time.Since(t0), "cpu", cpu()-c0, rss())
 tb:=table.New(s.Table("main"))
 r:=rand.New(rand.NewSource(1))
 id:=func(i int) string { return fmt.Sprintf("01J%022d%d", i, i%4) }
 if os.Getenv("ZZLOAD")!="" {
  t0,c0:=time.Now(),cpu()
  for i:=0;i<N; { var rows []table.Row
   for k:=0;k<100;k++ { d:=bigdoc(r,i); x:=id(i)
    rows=append(rows, table.Row{Key:table.In(ws,"contacts",strconv.Itoa(i%4)).Row(x),Doc:d,Schema:1},
     table.Row{Key:table.In(ws,"of",x).Row("change/1"),Doc:d,Out:"audit",Schema:1,Expires:time.Now().AddDate(1,1,0)},
     table.Row{Key:table.In(ws,"identity","email",fmt.Sprintf("%x@example.com",r.Uint64())).Row(x)},
     table.Row{Key:table.In(ws,"identity","phone",fmt.Sprintf("+49151%08d",r.Intn(1e8))).Row(x)},
     table.Row{Key:table.In(ws,"tag",fmt.Sprintf("01J%020d",r.Intn(100)),strconv.Itoa(i%4)).Row(x)},
     table.Row{Key:table.In(ws,"tag",fmt.Sprintf("01J%020d",r.Intn(100)),strconv.Itoa(i%4)).Row("b"+x)}); i++ }
   if err:=tb.Batch(ctx,rows,nil);err!=nil{t.Fatal(err)}
   if i%100000==0 { fmt.Println(i, time.Since(t0), "cpu",cpu()-c0, rss()) }
  }
  if os.Getenv("ZZKILL")!="" { syscall.Kill(os.Getpid(), syscall.SIGKILL) }
 }
 bench:=func(name string, n int, f func(i int)){ best:=1e18; for k:=0;k<12;k++ { runtime.GC(); c0:=cpu(); for i:=0;i<n/12;i++{f(i)}; if d:=float64((cpu()-c0).Nanoseconds())/1e3/float64(n/12); d<best {best=d} }; fmt.Printf("%s %.2f  ",name,best) }
 if os.Getenv("ZZBENCH")!="" { 
 rr:=rand.New(rand.NewSource(7))
 bench("get", 200000, func(int){ i:=rr.Intn(N); row,err:=tb.GetOne(ctx,table.In(ws,"contacts",strconv.Itoa(i%4)).Row(id(i))); if err!=nil||!row.Exists(){t.Fatal(err)} })
 bench("get hot", 200000, func(int){ i:=rr.Intn(20000); row,err:=tb.GetOne(ctx,table.In(ws,"contacts",strconv.Itoa(i%4)).Row(id(i))); if err!=nil||!row.Exists(){t.Fatal(err)} })
 bench("absent", 200000, func(i int){ row,err:=tb.GetOne(ctx,table.In(ws,"former",id(rr.Intn(N))).Row("-")); if err!=nil||row.Exists(){t.Fatal(err)} })
 bench("get 3 keys", 100000, func(int){ i:=rr.Intn(20000); x:=id(i); _,err:=tb.Get(ctx,table.In(ws,"contacts",strconv.Itoa(i%4)).Row(x),table.In(ws,"former",x).Row("-"),table.In(ws,"settings").Row("-")); if err!=nil{t.Fatal(err)} })
 bench("query50", 20000, func(int){ i:=rr.Intn(N/2); p,err:=tb.Query(ctx,table.Range{Of:table.In(ws,"contacts",strconv.Itoa(i%4)),After:id(i),Limit:50}); if err!=nil||len(p.Rows)!=50{t.Fatal(err)} })
 bench("query of", 50000, func(int){ i:=rr.Intn(N/2); p,err:=tb.Query(ctx,table.Range{Of:table.In(ws,"of",id(i)),Limit:50}); if err!=nil||len(p.Rows)!=1{t.Fatal(err)} })
 bench("tag50+get50", 5000, func(int){ i:=rr.Intn(N/2); k:=i%4; p,err:=tb.Query(ctx,table.Range{Of:table.In(ws,"tag",fmt.Sprintf("01J%020d",rr.Intn(100)),strconv.Itoa(k)),From:"0",To:"1",After:"01J00",Limit:50}); if err!=nil{t.Fatal(err)}; var ks []table.Key; for _,r:=range p.Rows{ks=append(ks,table.In(ws,"contacts",strconv.Itoa(k)).Row(r.Key.SK()))}; rs,err:=tb.Get(ctx,ks...); if err!=nil||!rs[49].Exists(){t.Fatal(err)} })
 }
 if os.Getenv("ZZMETRICS")!="" { fmt.Println(pebble.Metrics(s)) }
 t0=time.Now(); s.Close(); fmt.Println("close",time.Since(t0))
}
