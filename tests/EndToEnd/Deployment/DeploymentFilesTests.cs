using System.Text.RegularExpressions;

namespace SessionManager.Tests.Deployment;

/// <summary>What is deployed with is accepted by the programs that read it.</summary>
public sealed partial class DeploymentFilesTests
{
    static readonly (string, string)[] Secrets =
    [
        ("POSTGRES_PASSWORD", "a-password"), ("SIGNING_MASTER_KEY", "a-master-key"), ("GRAFANA_PASSWORD", "another-password"),
    ];

    [ToolFact("docker-compose")]
    public async Task Compose_reads_three_silos_two_front_ends_and_what_belongs_to_them()
    {
        var config = await Tool.Run("docker-compose", ["-f", "docker-compose.yml", "config"], Secrets);
        string[] services = ["postgres", "silo-1", "silo-2", "silo-3", "api-1", "api-2", "proxy", "prometheus", "grafana"];
        Assert.All(services, service => Assert.Matches($@"(?m)^  {service}:\s*$", config));
        Assert.DoesNotContain("${", config, StringComparison.Ordinal);
    }

    [Fact]
    public void Compose_mounts_files_that_are_there()
    {
        var mounted = Mounted().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docker-compose.yml"))).Select(match => match.Groups[1].Value).ToArray();
        Assert.NotEmpty(mounted);
        Assert.All(mounted, path => Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), path));
    }

    [ToolFact("haproxy")]
    public Task The_balancer_accepts_its_configuration() => Tool.Run("haproxy", ["-c", "-f", "deploy/proxy/haproxy.cfg"]);

    [ToolFact("promtool")]
    public Task Prometheus_accepts_the_alerts() => Tool.Run("promtool", ["check", "rules", "deploy/prometheus/alerts.yml"]);

    [ToolFact("kubectl")]
    public async Task Kubernetes_manifests_are_put_together_into_silos_and_front_ends()
    {
        var manifests = await Tool.Run("kubectl", ["kustomize", "deploy/k8s"]);
        Assert.All(["silo", "api"], name => Assert.Matches($@"(?m)^  name: {name}$", manifests));
        Assert.Contains("image: session-manager-silo:latest", manifests, StringComparison.Ordinal);
        Assert.Contains("runAsNonRoot: true", manifests, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"- ""?\./([^:]+):")]
    private static partial Regex Mounted();
}
