// The hidden end of the example in plugins.md: plays a game with its plugin.
{
    use jackfield_host::{Line, Observer, next_call, plan::plan, workload::{OnlyFiles, load}};
    use jackfield_protocol::WorkloadState;

    #[derive(Default)]
    struct Told(std::sync::Mutex<Vec<String>>);

    impl Observer for Told {
        fn line(&self, line: Line) {
            self.0.lock().unwrap().push(format!("{} {} {}", line.component, line.stream, line.text));
        }

        fn state(&self, _: WorkloadState) {}
    }

    const PLAYER: &str = r#"(component
        (import "acme:dice/dice@1.0.0"
            (instance $dice (export "roll" (func (param "sides" u32) (result u32)))))
        (core func $roll (canon lower (func $dice "roll")))
        (core module $m
            (import "dice" "roll" (func $roll (param i32) (result i32)))
            (func (export "play") (result i32) (call $roll (i32.const 6))))
        (core instance $i (instantiate $m (with "dice" (instance (export "roll" (func $roll))))))
        (func $play (result u32) (canon lift (core func $i "play")))
        (instance $game (export "play" (func $play)))
        (export "acme:game/game" (instance $game)))"#;

    /// What `ann` rolled and what was told meanwhile, or why the workload did not start.
    async fn play(settings: &str) -> Result<(String, Vec<String>), HostError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("player.wasm"), wat::parse_str(PLAYER).unwrap()).unwrap();
        let text = format!(
            "name = \"game\"\n[components.ann]\nsource = \"./player.wasm\"\n[host.\"acme:dice\"]\n{settings}\n"
        );
        std::fs::write(folder.path().join("workload.toml"), text).unwrap();
        let loaded = load(folder.path(), &OnlyFiles).unwrap();
        let host = host()?;
        let plan = plan(&loaded.workload, &loaded.components, &host.plugins().catalog());
        let told = Arc::<Told>::default();
        let running = host.start(Arc::new(loaded), Arc::new(plan), told.clone()).await?;
        let outcome = running.call(next_call(), &"ann".into(), "play", &[]).await?;
        let lines = told.0.lock().unwrap().clone();
        Ok((outcome.result.unwrap_or_default(), lines))
    }

    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let (rolled, told) = play("seed = 3").await.unwrap();
        assert!((1..=6).contains(&rolled.parse::<u32>().unwrap()), "{rolled}");
        assert_eq!(told, [format!("ann info {rolled} of 6")]);
        assert_eq!(play("seed = 3").await.unwrap().0, rolled);
        assert!(play("").await.is_ok(), "there is a default");
        assert!(matches!(play("seed = \"x\"").await, Err(HostError::Plan { .. })));
        let refused = play("seed = -1").await.unwrap_err().to_string();
        assert!(refused.ends_with("`acme:dice`: `seed` must be from 0 to 4294967295"), "{refused}");
    });
}
