using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Hosting;
using Orleans.Runtime;
using SessionManager.Clustering;
using SessionManager.Providers;
using SessionManager.Storage;

namespace SessionManager.Hosting;

/// <summary>A silo in this very process, alone or among others, or the way to those of a cluster.</summary>
static class OrleansHost
{
    /// <summary>Part of every stored grain's identity: another name would find none of them.</summary>
    public const string ServiceId = "session-manager";

    /// <summary>Where grains of other silos are. Two tables of this size are made at the start; of Orleans' own they would take 19 MB.</summary>
    const int RememberedAddresses = 100_000;

    public static void AddOrleans(this WebApplicationBuilder builder, HostSettings host)
    {
        builder.Services
            .AddSingleton(provider => new OrleansDatabase(provider, host))
            .AddHostedService(provider => provider.GetRequiredService<OrleansDatabase>())
            .AddSingleton<IGrainInterfaceTypeProvider, InterfaceNames>();
        if (host.Cluster.Role == ClusterRole.Client)
        {
            builder.UseOrleansClient(client =>
            {
                client.JoinCluster(host.Cluster);
                if (host.Dashboard.Enabled)
                    client.AddDashboard(dashboard => dashboard.HideTrace = true);
            });
            return;
        }

        if (host.Cluster.Role == ClusterRole.Silo)
            builder.Services.AddHostedService<LostSilos>();
        builder.UseOrleans(silo =>
        {
            if (host.Cluster.Role == ClusterRole.Silo)
                silo.JoinCluster(host.Cluster);
            else
                StayAlone(silo);
            AddStorage(silo);
            if (host.Dashboard.Enabled)
                AddDashboard(silo);
            silo.Services.Configure<GrainDirectoryOptions>(directory => directory.CacheSize = RememberedAddresses);
            // A sweep is late by no more than its own period.
            silo.Services.Configure<ReminderOptions>(reminders =>
                reminders.MinimumReminderPeriod = TimeSpan.FromSeconds(host.Sessions.SweepSeconds));
        });
    }

    /// <summary>
    /// Without what collects all of Orleans' counters each second from the start on: that takes a tenth of what a mint costs and 30 MB, for
    /// one page of the dashboard. Prometheus and OTLP have the same counters where they are asked for.
    /// </summary>
    static void AddDashboard(ISiloBuilder silo)
    {
        silo.AddDashboard(dashboard => dashboard.HideTrace = true);
        var services = silo.Services;
        var collector = services.Single(service => service.ServiceType.FullName == "Orleans.Dashboard.DashboardHost");
        // With the registrations after it, by which the host and the silo would start it.
        for (var at = services.IndexOf(collector); services[at] == collector || services[at].ImplementationFactory is not null;)
            services.RemoveAt(at);
    }

    static void AddStorage(ISiloBuilder silo)
    {
        silo.AddAdoNetGrainStorageAsDefault(storage => storage.Configure<OrleansDatabase>((options, database) =>
        {
            (options.Invariant, options.DataSource) = (database.Invariant, database.Source);
            options.DeleteStateOnClear = true;
            options.GrainStorageSerializer = new GrainStateSerializer();
        }));
        silo.UseAdoNetReminderService(reminders => reminders.Configure<OrleansDatabase>((options, database) =>
            (options.Invariant, options.DataSource) = (database.Invariant, database.Source)));
    }

    /// <summary>
    /// Nobody else joins: no gateway, and the silo listens where the system has a free port, whatever its name says. Several of
    /// these may run, and start, on one machine.
    /// </summary>
    static void StayAlone(ISiloBuilder silo) => silo
        .UseLocalhostClustering(gatewayPort: 0, serviceId: ServiceId, clusterId: ServiceId)
        .Configure<EndpointOptions>(endpoints => endpoints.SiloListeningEndpoint = new IPEndPoint(IPAddress.Loopback, 0));
}
