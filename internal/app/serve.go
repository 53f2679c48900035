package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/lianzhen-health/lianzhen/internal/audit"
	"github.com/lianzhen-health/lianzhen/internal/booking"
	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/cluster"
	"github.com/lianzhen-health/lianzhen/internal/config"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/demo"
	"github.com/lianzhen-health/lianzhen/internal/goals"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/malware"
	"github.com/lianzhen-health/lianzhen/internal/notify"
	"github.com/lianzhen-health/lianzhen/internal/panel"
	"github.com/lianzhen-health/lianzhen/internal/paper"
	"github.com/lianzhen-health/lianzhen/internal/pdfpage"
	"github.com/lianzhen-health/lianzhen/internal/remind"
	"github.com/lianzhen-health/lianzhen/internal/retention"
	"github.com/lianzhen-health/lianzhen/internal/seal"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/telemetry"
	"github.com/lianzhen-health/lianzhen/internal/visits"
	"github.com/lianzhen-health/lianzhen/media/sfu"
	"github.com/lianzhen-health/lianzhen/scheduler/presence"
	"github.com/lianzhen-health/lianzhen/scheduler/queue"
	"github.com/lianzhen-health/lianzhen/scheduler/timers"
	"github.com/lianzhen-health/lianzhen/signaling"
)

// demoPhone is the number that a demo tells nurses to call; nobody has it.
const demoPhone = "0471-0000000"

// Serve is the command `serve`: it runs until ctx ends or something it cannot do without is lost.
func Serve(ctx context.Context, c Console, args []string) error {
	cfg, err := settings(c, "serve", args)
	if err != nil {
		return err
	}
	log, err := telemetry.NewLogger(c.Err, cfg.LogLevel, cfg.LogFormat)
	if err != nil {
		return err
	}
	for _, w := range cfg.Warnings() {
		log.Warn(w)
	}
	if cfg.Demo && cfg.ConsultPhone == "" {
		cfg.ConsultPhone = demoPhone
	}
	d, err := openDatabases(ctx, cfg, log, true)
	if err != nil {
		return err
	}
	defer func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), cfg.ShutdownGrace)
		defer cancel()
		if err := d.close(stop); err != nil {
			log.Error("databases did not stop cleanly", "error", err)
		}
	}()
	n, err := newNode(ctx, c, cfg, log, d)
	if err != nil {
		return err
	}
	return n.run(ctx, c)
}

// node is one running server.
type node struct {
	cfg      *config.Config
	log      *slog.Logger
	data     *databases
	store    *store.Store
	care     *care.Service
	goals    *goals.Service
	booking  *booking.Service
	panel    *panel.Service
	visits   *visits.Service
	remind   *remind.Service
	index    *queue.Index
	hub      *signaling.Hub
	notify   *notify.Service
	relay    *sfu.Relay
	rooms    *signaling.Rooms
	cluster  *cluster.Cluster
	router   *router
	observer *observer
	timers   *timers.Timers
	web      *webServer
	demo     []contract.DemoAccount
}

// newNode builds a node on open databases. On an error everything that it opened is closed again.
func newNode(ctx context.Context, c Console, cfg *config.Config, log *slog.Logger, d *databases) (_ *node, err error) {
	n := &node{cfg: cfg, log: log, data: d}
	defer func() {
		if err != nil {
			n.close(context.WithoutCancel(ctx))
		}
	}()
	if n.store, err = d.open(ctx); err != nil {
		return nil, err
	}
	keeper, err := openKeeper(ctx, n.store, cfg)
	if err != nil {
		return nil, err
	}
	accounts, err := identity.New(n.store, keeper, identity.Config{Public: cfg.PublicURL, AccessTTL: cfg.AccessTokenTTL, RefreshTTL: cfg.RefreshTokenTTL,
		Refused: refusedPasswords(cfg)})
	if err != nil {
		return nil, err
	}
	name, process, err := names(cfg)
	if err != nil {
		return nil, err
	}
	reg := telemetry.NewRegistry(Version())
	reg.MustRegister(telemetry.PoolCollector(n.store.Pool.Stat), queueMetrics(n.store, log), bookingMetrics(n.store, log), remindMetrics(n.store, log), roundMetrics(n.store, log))

	there, err := presence.New(presence.Options{Redis: d.redis, Node: process, Logger: log, Metrics: reg})
	if err != nil {
		return nil, err
	}
	n.index, err = queue.New(queue.Options{Redis: d.redis, Store: n.store, Logger: log, Metrics: reg})
	if err != nil {
		return nil, err
	}
	n.notify, err = notify.New(ctx, notify.Deps{Store: n.store, Keeper: keeper, Logger: log, Metrics: reg,
		Config: notify.Config{Policy: notify.Policy{AllowPrivate: cfg.NotifyPrivate}, PublicURL: cfg.PublicURL, Contact: cfg.PushContact}})
	if err != nil {
		return nil, err
	}
	scanner, err := malware.New(cfg.Scan)
	if err != nil {
		return nil, err
	}
	n.care, err = care.New(care.Deps{
		Store: n.store, Keeper: keeper, Identity: accounts, Presence: there, Order: n.index, Notify: n.notify, Scanner: scanner, Pages: firstPager(), Printer: printer(cfg, log),
		Config: care.Config{ConsentValidity: cfg.ConsentValidity, ConsultPhone: cfg.ConsultPhone},
	})
	if err != nil {
		return nil, err
	}
	n.booking, err = booking.New(booking.Deps{Store: n.store, Keeper: keeper})
	if err != nil {
		return nil, err
	}
	n.goals, err = goals.New(goals.Deps{Store: n.store, Keeper: keeper, Log: log, Consultations: n.care, Actors: accounts, Directory: n.care, Months: n.care})
	if err != nil {
		return nil, err
	}
	if n.visits, err = visits.New(visits.Deps{Store: n.store, Keeper: keeper, Identity: accounts, Care: n.care, Contracts: panel.Contracts{}, Appointments: n.booking}); err != nil {
		return nil, err
	}
	if n.remind, err = remind.New(remind.Deps{Store: n.store, Keeper: keeper, Booking: n.booking, Visits: n.visits, Words: n.notify}); err != nil {
		return nil, err
	}
	n.care.UseContracts(panel.Contracts{})
	n.care.UseVisits(n.visits)
	if n.panel, err = panel.New(panel.Deps{Store: n.store, Keeper: keeper, Files: n.care}); err != nil {
		return nil, err
	}
	n.care.UsePlans(n.panel)
	if err := n.care.CloseOpenMediaAfterCrash(ctx); err != nil {
		return nil, fmt.Errorf("close what a crash left open: %w", err)
	}
	if err := n.people(ctx, c, keeper, accounts); err != nil {
		return nil, err
	}

	from := newOrigins(time.Now)
	n.rooms = signaling.NewRooms(publishFor(func() *cluster.Cluster { return n.cluster }, n.store), log, nil)
	n.observer = newObserver(n.care, log, n.rooms, from)
	n.relay, err = sfu.New(sfu.Config{UDPAddr: cfg.MediaUDP, Advertised: cfg.MediaAdvertise, Logger: log, Metrics: reg},
		tickets{accounts, n.care}, n.observer)
	if err != nil {
		return nil, err
	}
	n.router = &router{local: local{n.relay, n.rooms, from}, care: n.care, log: log, moved: newMoved(reg)}
	n.cluster, err = cluster.Start(ctx, cluster.Config{Store: n.store, Name: name, Orphaned: n.router.lost, Died: n.router.abandon,
		Alone: cfg.DatabaseURL.Reveal() == "", Logger: log, Metrics: reg})
	if err != nil {
		return nil, err
	}
	n.router.cluster = n.cluster
	n.router.handle()
	records := signaling.NewRecords(n.store, process)
	build := buildID()
	n.hub, err = signaling.New(signaling.Deps{
		Auth: accounts, Tickets: accounts, Calls: calls{n.care}, Relay: n.router, Presence: there, Announce: records,
		Outbox: records, Sessions: records, Newcomer: n.care.RingNewcomer, Rung: n.care.OfferDelivered, Logger: log, Metrics: reg,
		Config: signaling.Config{Build: build, Origins: cfg.AllowedOrigins()},
	})
	if err != nil {
		return nil, err
	}
	chain, err := audit.NewSequencer(n.store, keeper, chainName(cfg, name), log, reg)
	if err != nil {
		return nil, err
	}
	n.timers, err = timers.New(log, reg, append(append(ticks(n.care, n.goals, n.panel, n.visits, accounts), append(remindTicks(n.remind), bookingTick(n.booking))...), trustTicks(cfg, log, n.store, keeper, chain, n.care)...)...)
	if err != nil {
		return nil, err
	}
	n.web, err = newWebServer(webDeps{
		cfg: cfg, log: log, registry: reg, store: n.store, keeper: keeper, redis: d.redis, care: n.care, goals: n.goals, booking: n.booking, panel: n.panel, visits: n.visits, remind: n.remind, identity: accounts, hub: n.hub,
		demo: n.demo, build: build, node: name,
	})
	return n, err
}

// names gives the name under which this node lives among the others, and that of this process: a name may be used again after a
// crash, a process is never another one.
func names(cfg *config.Config) (node, process string, err error) {
	unique := uuid.NewString()[:8]
	if cfg.Node != "" {
		return cfg.Node, cfg.Node + "-" + unique, nil
	}
	host, err := os.Hostname()
	if err != nil {
		return "", "", fmt.Errorf("name of this machine: %w", err)
	}
	return host + "-" + unique, host + "-" + unique, nil
}

func openKeeper(ctx context.Context, st *store.Store, cfg *config.Config) (*seal.Keeper, error) {
	kek, err := seal.LoadOrCreateKEK(cfg.EncryptionKeyFile)
	if err != nil {
		return nil, err
	}
	return identity.OpenKeeperWith(ctx, st, kek, identity.Algorithms{Cipher: cfg.Cipher, Seal: cfg.SealAlgorithm})
}

// firstPager draws first pages of PDFs where the program for it is installed.
func firstPager() care.FirstPager {
	if d := pdfpage.Find(); d != nil {
		return d
	}
	return nil
}

// printer sets records with the installed fonts. Where there is none, or a set one cannot be read, the log says so now and a print is refused.
func printer(cfg *config.Config, log *slog.Logger) care.Printer {
	fonts := paper.NewFonts(cfg.PrintFonts...)
	if err := fonts.Find(); err != nil {
		log.Warn("records cannot be printed: install a font with Chinese characters (fonts-noto-cjk), or name one in print-fonts", "error", err)
	}
	return fonts
}

// ticks are what is done again and again. Each is safe to run on several nodes at once.
func ticks(c *care.Service, g *goals.Service, p *panel.Service, v *visits.Service, accounts *identity.Service) []timers.Tick {
	count := func(f func(context.Context) (int64, error)) func(context.Context) error {
		return func(ctx context.Context) error { _, err := f(ctx); return err }
	}
	return []timers.Tick{
		{Name: "sweep", Every: time.Second, Run: func(ctx context.Context) error { _, err := c.Sweep(ctx); return err }},
		{Name: "ledger", Every: 2 * time.Second, Run: func(ctx context.Context) error { _, err := g.Follow(ctx); return err }},
		{Name: "deadlines", Every: 10 * time.Minute, Run: count(g.Remind)},
		{Name: "expiries", Every: 10 * time.Minute, Run: count(c.TellExpiries)},
		{Name: "expire_swaps", Every: time.Minute, Run: count(c.ExpireDutySwaps)},
		{Name: "contract_endings", Every: 10 * time.Minute, Run: count(p.TellEndings)},
		{Name: "visits", Every: 10 * time.Second, Run: func(ctx context.Context) error { _, err := v.Sweep(ctx); return err }},
		{Name: "prune_commands", Every: 10 * time.Minute, Run: count(c.PruneCommands)},
		{Name: "prune_outbox", Every: 10 * time.Minute, Run: count(c.PruneOutbox)},
		{Name: "prune_sign_ins", Every: time.Hour, Run: accounts.Prune},
	}
}

// bookingTick tells of holds that are over and offers what is free to who waits for it.
func bookingTick(b *booking.Service) timers.Tick {
	return timers.Tick{Name: "booking", Every: 10 * time.Second, Run: func(ctx context.Context) error { _, err := b.Sweep(ctx); return err }}
}

// remindTicks write the reminders that are due, and forget links that are over.
func remindTicks(r *remind.Service) []timers.Tick {
	return []timers.Tick{
		{Name: "reminders", Every: 10 * time.Second, Run: func(ctx context.Context) error { _, err := r.Sweep(ctx); return err }},
		{Name: "prune_family_links", Every: time.Hour, Run: func(ctx context.Context) error { _, err := r.Prune(ctx); return err }},
	}
}

// trustTicks chain what was written, sign how far the chains have come, prove the record once a day and when an auditor asks, learn of keys that a rotation has made, and delete what is
// over its time where the settings want it.
func trustTicks(cfg *config.Config, log *slog.Logger, st *store.Store, keep *seal.Keeper, chain *audit.Sequencer, c *care.Service) []timers.Tick {
	list := []timers.Tick{
		{Name: "chain", Every: 300 * time.Millisecond, Run: func(ctx context.Context) error { _, err := chain.Run(ctx); return err }},
		{Name: "checkpoint", Every: audit.CheckpointEvery, Run: func(ctx context.Context) error { _, _, err := audit.MakeCheckpoint(ctx, st, keep); return err }},
		{Name: "verify", Every: 10 * time.Second, Limit: 2 * time.Hour, Run: func(ctx context.Context) error {
			return audit.Daily(ctx, st, keep, log, c.ProveDoubted, verifiers(st, keep)...)
		}},
		{Name: "refresh_keys", Every: identity.KeysKnownAfter / 2, Run: func(context.Context) error { return keep.Refresh() }},
	}
	if cfg.Purge {
		list = append(list, timers.Tick{Name: "purge", Every: 6 * time.Hour, Limit: time.Hour, Run: func(ctx context.Context) error {
			result, err := retention.Purge(ctx, st, keep, retention.Options{Most: 1000, Pause: 20 * time.Millisecond})
			if errors.Is(err, store.ErrPurging) {
				return nil
			}
			for _, broken := range result.Broken {
				log.ErrorContext(ctx, "purge: a record could not be deleted", "error", broken)
			}
			return err
		}})
	}
	return list
}

// chainName is under which name this node's chains go on after a restart: the node's, without what is random about it.
func chainName(cfg *config.Config, node string) string {
	if host, err := os.Hostname(); cfg.Node == "" && err == nil {
		return host
	}
	return node
}

// refusedPasswords are those that the program itself publishes, as soon as others than this machine can reach it: also
// without the demo setting, since the database may be one that a demo has filled.
func refusedPasswords(cfg *config.Config) []string {
	if cfg.ListensOnLoopback() {
		return nil
	}
	return []string{demo.Password}
}

// people makes sure that somebody can sign in: the demo's accounts, or the first system administrator.
func (n *node) people(ctx context.Context, c Console, keeper *seal.Keeper, accounts *identity.Service) error {
	if n.cfg.Demo {
		known, err := demo.Seed(ctx, n.store, keeper, time.Now())
		if err != nil {
			return fmt.Errorf("demo data: %w", err)
		}
		if n.cfg.ListensOnLoopback() {
			n.demo = known
		}
		return nil
	}
	username, password, created, err := demo.Bootstrap(ctx, n.store, accounts)
	if err != nil {
		return fmt.Errorf("first account: %w", err)
	}
	if created {
		fmt.Fprintf(c.Out, "\nThe database was empty. The first account, to be changed at the first sign-in:\n\n  user name  %s\n  password   %s\n\nIt is not shown again.\n",
			username, password)
	}
	return nil
}

// run serves until ctx ends or something is lost, then stops in order.
func (n *node) run(ctx context.Context, c Console) error {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	listening, err := n.web.listen()
	if err != nil {
		n.close(work)
		return err
	}
	g, lost := errgroup.WithContext(work)
	g.Go(func() error { return n.cluster.Run(lost) })
	g.Go(func() error { return n.hub.Run(lost) })
	g.Go(func() error { return n.index.Run(lost) })
	g.Go(func() error { return n.timers.Run(lost) })
	g.Go(func() error { return n.notify.Run(lost) })
	g.Go(func() error { return n.goals.Work(lost) })
	g.Go(func() error { return n.observer.run(lost) })
	g.Go(func() error { return n.rooms.Run(lost) })
	g.Go(n.web.serve)
	g.Go(func() error {
		select {
		case err := <-n.data.lost:
			return err
		case <-lost.Done():
			return nil
		}
	})
	n.welcome(c, listening)

	select {
	case <-ctx.Done():
		n.log.Info("stopping", "grace", n.cfg.ShutdownGrace.String())
	case <-lost.Done():
		n.log.Error("stopping, since something was lost", "error", context.Cause(lost))
	}
	stop, done := context.WithTimeout(work, n.cfg.ShutdownGrace)
	defer done()
	n.close(stop)
	cancel()
	if err := g.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// close stops what was started, in the order that loses nothing: new work first, then the calls move, the sockets, what media
// is left, the last presence.
func (n *node) close(ctx context.Context) {
	var errs []error
	if n.web != nil {
		n.web.notReady()
	}
	if n.hub != nil {
		errs = append(errs, n.drain(ctx))
	}
	if n.web != nil {
		errs = append(errs, n.web.close(ctx))
	}
	if n.relay != nil {
		errs = append(errs, n.relay.Close(ctx))
	}
	if n.observer != nil {
		errs = append(errs, n.observer.flush(ctx), n.rooms.Flush(ctx))
	}
	if n.cluster != nil {
		errs = append(errs, n.cluster.Leave(ctx))
	}
	if n.notify != nil {
		errs = append(errs, n.notify.Close(ctx))
	}
	if n.store != nil {
		n.store.Close()
	}
	if err := errors.Join(errs...); err != nil {
		n.log.Warn("did not stop cleanly", "error", err)
	}
}

// drain gives the calls up to other nodes and closes the sockets, each at an instant of its own. While there is another node it
// answers requests and carries media until the people have moved there, at most for three quarters of what is left of the grace.
func (n *node) drain(ctx context.Context) error {
	waiting := ctx
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		waiting, cancel = context.WithTimeout(ctx, time.Until(end)*3/4)
		defer cancel()
	}
	n.observer.follow()
	moving, err := n.router.drain(waiting)
	err = errors.Join(err, n.hub.Close(ctx))
	if moving {
		if left := n.router.empty(waiting); left != nil {
			n.log.Warn("stopping with people in a call", "error", left)
		}
	}
	return err
}

// welcome prints where the pages are and, in a demo, who may sign in.
func (n *node) welcome(c Console, address net.Addr) {
	fmt.Fprintf(c.Out, "\nLianzhen 联诊 %s\n\n  %s\n", Version(), n.web.url(address))
	if len(n.demo) > 0 {
		fmt.Fprintf(c.Out, "\nDemo accounts (password %s):\n", n.demo[0].Password)
		for _, a := range n.demo {
			fmt.Fprintf(c.Out, "  %-12s %s  %s\n", a.Username, a.Name, a.Organisation)
		}
	}
	fmt.Fprintln(c.Out, "\nCtrl-C stops it; the data are kept in", n.cfg.DataDir)
}
