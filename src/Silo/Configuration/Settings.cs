using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SessionManager.Hosting;

namespace SessionManager.Configuration;

/// <summary>
/// Takes options classes out of the configuration. They are validated when the host starts, as options are
/// (<see cref="IStartupValidator"/>); what else is wrong is reported here, so that one start tells an operator all of it, each by the
/// name the setting is given under.
/// </summary>
public sealed class Settings(IConfiguration configuration)
{
    readonly List<string> _problems = [];
    readonly HashSet<string> _sections = new(StringComparer.OrdinalIgnoreCase);
    readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>For what no one options class can know.</summary>
    /// <param name="problem">One sentence that names the setting.</param>
    public void Report(string problem) => _problems.Add(problem);

    /// <exception cref="StartupException">All that was reported, and all that no options may be.</exception>
    public void ThrowIfWrong(IServiceProvider services)
    {
        try
        {
            services.GetService<IStartupValidator>()?.Validate();
        }
        catch (OptionsValidationException wrong)
        {
            _problems.AddRange(wrong.Failures);
        }
        catch (AggregateException wrong)
        {
            _problems.AddRange(wrong.InnerExceptions.Cast<OptionsValidationException>().SelectMany(options => options.Failures));
        }

        if (_problems.Count > 0)
            throw new StartupException(_problems);
    }

    /// <summary>
    /// What is given in the sections read and belongs to no class of ours, by the name it is given under: most likely mistyped.
    /// </summary>
    public IReadOnlyList<string> Unknown() =>
    [
        .. _sections.SelectMany(section => configuration.GetSection(section).GetChildren())
            .Where(given => !_known.Contains(given.Path))
            .Select(given => given.Path.Replace(":", "__", StringComparison.Ordinal)),
    ];

    /// <summary>A setting of no class; null where it is not given.</summary>
    public string? Text(string name)
    {
        _known.Add(name);
        return configuration[name] is { Length: > 0 } text ? text : null;
    }

    /// <summary>
    /// Gives the class's own defaults, overwritten by what its section says, to whoever asks for <c>IOptions&lt;T&gt;</c>, and here to
    /// who must know before there is anybody to ask.
    /// </summary>
    /// <param name="rules">What the values of the class must be to one another: each says what is wrong, in a sentence, or null.</param>
    public T Add<T>(IServiceCollection services, string section, params ReadOnlySpan<Func<T, string?>> rules)
        where T : class, new()
    {
        var reader = new SectionReader<T>(configuration.GetSection(section), [.. rules]);
        _sections.Add(section);
        _known.UnionWith(reader.Paths);
        services.AddOptions<T>().Configure(reader.Fill).ValidateOnStart();
        services.AddSingleton<IValidateOptions<T>>(reader);
        var options = new T();
        reader.Fill(options);
        return options;
    }
}
